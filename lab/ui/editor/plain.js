// The plain surface: an input or text area of the browser, for prose, results and names, and for code if preferred.

class Plain {
  constructor(field) {
    this.field = field;
    const { lines, label, hidden_label: isHidden, placeholder, code } = field.data;
    this.hint = code ? "Ctrl+Enter runs" : "";
    const name = element("label", isHidden ? "lab-editor-unseen" : "lab-editor-label", field.place);
    name.textContent = label;
    this.input = element(lines === 1 ? "input" : "textarea", "lab-editor-plain", field.place);
    this.input.id = name.htmlFor = `${field.key}-input`;
    this.input.placeholder = placeholder;
    this.input.autocomplete = field.data.autocomplete;
    this.input.setAttribute("aria-describedby", field.note.id);
    if (lines === 1) this.input.type = "text";
    else this.input.rows = lines;
    if (code) {
      this.input.spellcheck = false;
      this.input.autocapitalize = "off";
      this.input.classList.add("lab-editor-mono");
    }
    // Whether something was typed that the browser itself can undo.
    this.isTouched = false;
    this.show(field.draft.text);
    this.input.addEventListener("input", () => {
      this.isTouched = true;
      this.grow();
      field.typed(this.value());
    });
    this.input.addEventListener("focus", () => {
      this.isFocused = true;
    });
    this.input.addEventListener("blur", () => {
      this.isFocused = false;
      this.leftAt = performance.now();
      field.draft.flush();
      this.show(field.draft.text);
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    // The width decides how many lines the text takes.
    this.sizes = new ResizeObserver(() => this.grow());
    this.sizes.observe(field.root);
  }

  // A suggestion does not count as text until it is changed.
  value() {
    const { value } = this.input;
    return [value, value.trim()].includes(this.field.data.suggested) ? "" : value;
  }

  show(text) {
    const isFocused = document.activeElement === this.input;
    const shown = text || (isFocused && this.isTouched ? "" : this.field.data.suggested);
    if (this.input.value === shown) return;
    const { selectionStart, selectionEnd } = this.input;
    this.input.value = shown;
    if (isFocused) this.input.setSelectionRange(selectionStart, selectionEnd);
    else this.isTouched = false;
    this.grow();
  }

  update() {
    this.show(this.field.draft.text);
  }

  focus() {
    this.input.focus();
  }

  settle() {
    this.isTouched = false;
  }

  onKey(event) {
    if (event.key === "Enter" && this.input.type === "text") {
      this.field.draft.flush();
    } else if (isUndoKey(event) && !this.isTouched) {
      event.preventDefault();
      this.field.stepBack();
    }
  }

  grow() {
    if (this.input.tagName !== "TEXTAREA") return;
    const { style } = this.input;
    style.height = "auto";
    // Plus the borders, which scrollHeight leaves out.
    if (this.input.scrollHeight) style.height = `${this.input.scrollHeight + 2}px`;
  }

  // The selection, if the field has the focus; else null. A browser may fire blur when the field is removed.
  where() {
    const isFocused = this.isFocused || performance.now() - this.leftAt < 100;
    const { selectionStart, selectionEnd } = this.input;
    return isFocused ? { at: performance.now(), selection: [selectionStart, selectionEnd] } : null;
  }

  // Restores focus and selection of the mount before.
  goOn({ at, selection }) {
    if (performance.now() - at > 2000 || document.activeElement !== document.body) return;
    this.input.focus();
    this.input.setSelectionRange(...selection);
  }

  close() {
    this.sizes.disconnect();
  }
}
