// The content policy allows no style that is not a file of ours. xterm.js writes style elements and style attributes as text; here it gets
// a document whose style elements hand their text to a constructed sheet, and whose spans set styles one by one: both are allowed,
// because only a script that runs already can do them.

function styleElement(make: Document["createElement"]): HTMLElement {
  const element = make("data");
  element.hidden = true;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

function spanElement(make: Document["createElement"]): HTMLElement {
  const element = make("span");
  element.setAttribute = (name: string, value: string) => {
    if (name === "style") element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, name, value);
  };
  return element;
}

const plain = (name: string): HTMLElement => Document.prototype.createElement.call(document, name);

function create(name: string): HTMLElement {
  const low = name.toLowerCase();
  if (low === "style") return styleElement(plain as Document["createElement"]);
  return low === "span" ? spanElement(plain as Document["createElement"]) : plain(name);
}

/** The document as xterm.js is to see it. */
export const strictDocument: Document = new Proxy(document, {
  get: (target, key) => {
    if (key === "createElement") return create;
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});

/** Runs the work while `document.createElement` itself makes such elements: parts of xterm.js do not ask which document to use. */
export function strictly<T>(work: () => T): T {
  document.createElement = create as Document["createElement"];
  try {
    return work();
  } finally {
    // The own property goes; the method of every document is there again.
    Reflect.deleteProperty(document, "createElement");
  }
}

/** The part of xterm.js that makes the cells: it always takes the page's own document, whatever it was given. */
interface Inner {
  _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: { _document: Document } } } } };
}

/** Has the cells of an opened terminal made of such elements too. Were its inside another one day, colours outside the palette would be missing. */
export function rowsStrict(terminal: object): void {
  const rows = (terminal as Inner)._core?._renderService?._renderer?.value?._rowFactory;
  if (rows) rows._document = strictDocument;
}
