//! The JavaScript of wasm-bindgen as the package needs it: a function that starts an instance, as often as one is needed.

use anyhow::{Result, bail};

/// Says where it comes from, and that nobody types it.
const HEAD: &str =
    "// Made by wasm-bindgen, and put into a function: an instance that failed can be replaced by another.\n";

/// What there is only for a module that loads itself: from the first of each pair up to the second.
const LOADERS: [(&str, &str); 2] =
    [("async function __wbg_load(", "function initSync("), ("let __wbg_init_promise;", "export { initSync")];

/// Makes `instantiate(module, guarded, AbortController)` of `glue`, which returns what the module exports and its `memory`.
/// The instance's own functions, which the rest calls, are what `guarded` makes of them, and the class is what it aborts its
/// requests by.
///
/// # Errors
/// Where `glue` is not of the form that wasm-bindgen gave it when this was written.
pub(super) fn as_function(glue: &str) -> Result<String> {
    let mut body = glue.to_owned();
    for (from, to) in LOADERS {
        let (Some(start), Some(end)) = (body.find(from), body.find(to)) else {
            bail!("the glue has no {from:?} before {to:?}")
        };
        if start > end {
            bail!("the glue has {from:?} after {to:?}");
        }
        body.replace_range(start..end, "");
    }
    replace_once(&mut body, "export { initSync, __wbg_init as default };", "")?;
    replace_once(&mut body, "wasm = instance.exports;", "wasm = guarded(instance.exports);")?;
    let exports: Vec<&str> = body.lines().filter_map(exported).collect();
    if exports.is_empty() {
        bail!("the glue exports nothing");
    }
    let names = exports.join(", ");
    let body = body.replace("\nexport ", "\n");
    Ok(format!(
        "{HEAD}export function instantiate(module, guarded, AbortController) {{\n{body}\ninitSync({{ module }});\n\
         return {{ memory: wasm.memory, {names} }};\n}}\n"
    ))
}

fn replace_once(text: &mut String, from: &str, to: &str) -> Result<()> {
    if text.matches(from).count() != 1 {
        bail!("the glue does not have {from:?} once");
    }
    *text = text.replacen(from, to, 1);
    Ok(())
}

/// The name that `line` exports.
fn exported(line: &str) -> Option<&str> {
    let declared = line.strip_prefix("export class ").or_else(|| line.strip_prefix("export function "))?;
    declared.split([' ', '(']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_become_what_a_function_returns() {
        let glue = "/* a */\nexport class A {\n}\nexport function b(c) {\n}\nfunction d() {\n    wasm = instance.exports;\n}\n\
                    async function __wbg_load() {\n}\nfunction initSync(module) {\n}\nlet __wbg_init_promise;\n\
                    async function __wbg_init() {\n}\nexport { initSync, __wbg_init as default };\n";
        let function = as_function(glue).unwrap();
        assert!(function.ends_with("return { memory: wasm.memory, A, b };\n}\n"), "{function}");
        assert_eq!(function.matches("export ").count(), 1, "{function}");
        assert!(
            function.contains("wasm = guarded(instance.exports);") && !function.contains("__wbg_init"),
            "{function}"
        );
        assert!(as_function("export class A {}\n").is_err());
    }
}
