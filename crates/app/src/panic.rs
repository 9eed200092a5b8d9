//! What is left when the program has failed: a message and a way to begin again.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlElement;

use crate::browser;

/// Shows a message instead of a dead page when the program panics. The view is in the address, so that beginning again
/// ends at the same place.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(&info.to_string());
    }));
}

fn show(what: &str) -> Option<()> {
    let document = browser::document()?;
    let stopped = document.create_element("div").ok()?;
    stopped.set_class_name("stopped");
    stopped.set_attribute("role", "alert").ok()?;
    let say = |tag: &str, text: &str| {
        let element = document.create_element(tag).ok()?;
        element.set_text_content(Some(text));
        stopped.append_child(&element).ok()?;
        Some(element)
    };
    say("h2", "The explorer has stopped because of a mistake in its program.")?;
    say("p", "Nothing in the database is affected. Loading the page again brings back this view.")?;
    say("pre", what)?;
    let button: HtmlElement = say("button", "Load again")?.dyn_into().ok()?;
    button.set_class_name("button primary");
    let reload = Closure::<dyn FnMut()>::new(|| {
        if let Some(window) = browser::window() {
            window.location().reload().ok();
        }
    });
    button.set_onclick(Some(reload.as_ref().unchecked_ref()));
    reload.forget();
    document.body()?.append_child(&stopped).ok()?;
    button.focus().ok()
}
