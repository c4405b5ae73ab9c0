// Text that is already there is not written again: writing it would make the browser lay the page out anew.

export function put(element: HTMLElement, text: string): void { if (element.textContent !== text) element.textContent = text; }
