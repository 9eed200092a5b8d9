// Scripts and styles as pages without a bundler load them.

export function script(src) {
  if (document.querySelector(`script[src="${src}"]`)) return undefined;
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src, onload: resolve });
    element.onerror = () => reject(new Error(`cannot load ${src}`));
    document.head.append(element);
  });
}

export function style(href) {
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve });
    element.onerror = () => reject(new Error(`cannot load ${href}`));
    document.head.append(element);
  });
}
