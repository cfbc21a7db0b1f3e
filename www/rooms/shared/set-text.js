/** Leaves the node alone when there is nothing new, which saves a layout in each frame. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
