"""The position of the stage: at the right of a wide window, else behind a bar at its lower edge.

It is fixed to the window, not sticky in a column. So it has the window's whole height from the beginning, whatever is
above the lesson, and the lesson's elements need not know of it. `stage.js` opens and closes it in a narrow window, and
passes it the theme's colours, which Streamlit's own containers do not have as variables.
"""

from typing import Final

# From this window width on, in pixels, there is room for the lesson and the stage.
WIDE: Final = 1100
# Below this width, the sidebar is narrower, to make room for the code.
ROOMY: Final = 1600
STYLE: Final = f"""
<style>
.st-key-stage {{
    position: fixed; z-index: 90; box-sizing: border-box; flex-wrap: nowrap; background: var(--lab-stage-background);
}}
.st-key-stage-inside, .st-key-delivery {{ gap: 0.5rem; }}
.st-key-stage [data-testid="stButton"] button {{ min-height: 2rem; padding: 0.1rem 0.5rem; }}
.st-key-stage :is([data-testid="stButton"], [data-testid="stRadio"], [data-testid="stNumberInput"]) p {{
    font-size: 0.8rem;
}}
.st-key-delivery [data-testid="stButton"] p {{ white-space: normal; line-height: 1.25; text-align: left; }}
.st-key-stage [data-testid="stAlertContainer"] {{ padding: 0.4rem 0.6rem; }}
.st-key-stage [data-testid="stAlertContainer"] p {{ font-size: 0.8rem; line-height: 1.35; }}
.st-key-stage :is(pre, pre code) {{ font-size: 0.72rem; }}
.st-key-stage pre {{ padding: 0.4rem 0.6rem; }}
.st-key-stage summary {{ min-height: 2rem; padding: 0.2rem 0.6rem; }}
.st-key-stage :is([data-testid="stCaptionContainer"], summary) p {{ font-size: 0.8rem; }}
@media (min-width: {WIDE}px) {{
    [data-testid="stApp"] {{ --lab-stage-width: clamp(24rem, 34vw, 42rem); }}
    [data-testid="stMainBlockContainer"] {{
        padding-left: 1.5rem; padding-right: calc(var(--lab-stage-width) + 2rem);
    }}
    .st-key-stage {{
        top: 3.75rem; right: 0; bottom: 0; width: var(--lab-stage-width); overflow-y: auto; overscroll-behavior: contain;
        padding: 0.25rem 1rem 1rem; border-left: 1px solid var(--lab-stage-edge);
    }}
    [data-testid="stToastContainer"] {{ right: calc(var(--lab-stage-width) + 1rem); }}
}}
@media (min-width: {WIDE}px) and (max-width: {ROOMY - 1}px) {{
    [data-testid="stSidebar"]:has([data-testid="stSidebarNav"]) {{ width: 12.5rem !important; }}
    [data-testid="stSidebarContent"] {{ padding-left: 0.75rem; padding-right: 0.75rem; }}
}}
@media (max-width: {WIDE - 1}px) {{
    .st-key-stage {{
        left: 0; right: 0; bottom: 0; max-height: calc(3rem + 1px); overflow: hidden; padding: 0 1rem;
        border-top: 1px solid var(--lab-stage-edge);
    }}
    .st-key-stage .lab-stage .lab-stage-bar {{ display: flex; }}
    .st-key-stage-inside > :not(:has(.lab-stage)), .lab-stage > :not(.lab-stage-bar, .lab-stage-said) {{
        visibility: hidden;
    }}
    html[data-lab-stage="open"] .st-key-stage {{
        max-height: 85vh; overflow-y: auto; overscroll-behavior: contain; padding-bottom: 1rem;
    }}
    html[data-lab-stage="open"] :is(.st-key-stage-inside, .lab-stage) > * {{ visibility: visible; }}
}}
</style>
"""
