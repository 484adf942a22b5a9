"""Styles that differ from Streamlit's: headings of cells look like labels, and pale text gets more contrast.

WCAG asks for a contrast of 4.5 between a text and its background; `tests/test_axe.py` measures it.
"""

from typing import Final

# The width of a page without a stage, in pixels.
WIDTH: Final = 980
STYLE: Final = """
<style>
[data-testid="stMain"] [data-testid="stHeading"] h2 { font-size: 1.75rem; padding: 0.75rem 0; }
[data-testid="stMain"] :is([class*="st-key-cell-"], [class*="st-key-group-"], [class*="st-key-mistake-"]) h2 {
    font-size: 1rem; font-weight: 700; line-height: 1.6; padding: 0;
}
[data-testid="stMain"] [data-testid="stHeading"] h3 {
    font-size: 1rem; font-weight: 600; line-height: 1.6; padding: 0 0 0.9rem;
}
.st-key-stage [data-testid="stHeading"] h3 { font-size: 0.9rem; }
/* What only a screen reader comes to takes no room, nor the gap beside it. */
[data-testid="stElementContainer"]:has(.lab-unseen) {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
[data-testid="stCaptionContainer"] { opacity: 1; color: color-mix(in srgb, currentColor 75%, transparent); }
[data-testid="stCaptionContainer"] code { color: inherit; }
[data-testid="stCode"] .token.string { color: light-dark(#07742b, #3dd56d); }
[data-testid="stCode"] .token:is(.number, .boolean, .keyword, .function) { color: light-dark(#0054a3, #60b4ff); }
[data-testid="stButton"] kbd { color: inherit; opacity: 1; }
[data-testid="stTab"][aria-selected="true"] { color: inherit; }
[data-testid="stVegaLiteChart"] :is(svg text, .before_marks :is(path, rect, line)) { fill: currentColor !important; }
@media (prefers-reduced-motion: reduce) {
    *, *::before, *::after {
        animation-duration: 0.01ms !important; animation-iteration-count: 1 !important;
        transition-duration: 0.01ms !important; scroll-behavior: auto !important; caret-animation: manual;
    }
}
</style>
"""
