"""How the presenter fills the window: without sidebar and header, with a bar of buttons at its lower edge."""

from typing import Final

from lab.ui.slide import style

# The width in pixels of the smallest projector that is still in use.
_WIDE: Final = 900

STYLE: Final = f"""
{style(_WIDE, "6rem", "17.5rem")}
<style>
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"] {{ display: none; }}
[data-testid="stMainBlockContainer"] {{ padding: 0.5rem 1.25rem; }}
/* Whoever sees the slide knows where they are. */
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] > :first-child:not(:has(.st-key-slide)),
[data-testid="stLayoutWrapper"]:has(> [data-testid="stVerticalBlock"] > [data-testid="stElementContainer"] h1) {{
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {{ gap: 0; }}
.st-key-presenter-top {{ min-height: 2rem; }}
.st-key-presenter-says .st-key-engine-status [data-testid="stCaptionContainer"] {{ display: none; }}
.st-key-presenter-says {{ gap: 0; }}
.st-key-presenter-asks {{ background: var(--lab-stage-background); outline: none !important; }}
.st-key-presenter-bar [data-testid="stButton"] button,
.st-key-presenter-bar [data-testid="stPopover"] button {{ min-height: 2rem; padding: 0.1rem 0.6rem; }}
@media (min-width: {_WIDE}px) {{
    .st-key-presenter-says {{
        position: fixed; z-index: 95; left: 1.25rem; bottom: 3.5rem; pointer-events: none;
        width: calc(100vw - 2.5rem) !important;
    }}
    .st-key-presenter-says * {{ max-width: 100%; }}
    [data-testid="stToastContainer"] {{ top: auto; bottom: 4rem; }}
    .st-key-presenter-says > * {{ pointer-events: auto; }}
    .st-key-presenter-says :is([data-testid="stAlert"], [data-testid="stSpinner"], [data-testid="stProgress"]) {{
        background: var(--lab-stage-background);
    }}
    .st-key-presenter-bar {{ position: fixed; z-index: 90; left: 1.25rem; right: 1.25rem; bottom: 0.5rem; gap: 0.4rem; }}
}}
</style>
"""
