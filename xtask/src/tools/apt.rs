//! Debian's packages.

use anyhow::{Result, bail};

use crate::process::{capture, command, run, which};
use crate::step::step;

/// Installs a Debian package for what `purpose` names.
///
/// # Errors
/// On another system, or without the rights: the message says what to install by hand.
pub(crate) fn install(package: &str, purpose: &str) -> Result<()> {
    let by_hand = format!("{purpose} is missing: please install it (Debian and Ubuntu: apt-get install {package})");
    if which("apt-get").is_none() {
        bail!(by_hand);
    }
    let as_root: &[&str] = if capture(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        &[]
    } else if capture(command("sudo").args(["-n", "true"])).is_ok() {
        &["sudo", "-n"]
    } else {
        bail!(by_hand);
    };
    let apt = |arguments: &[&str]| {
        let words = [as_root, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"], arguments].concat();
        run(command(words[0]).args(&words[1..]))
    };
    step(&format!("install {package} ({purpose})"), || {
        apt(&["update"])?;
        apt(&["install", "-y", "--no-install-recommends", package])
    })
}
