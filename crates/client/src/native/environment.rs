//! What the environment says, read in one place.

use std::env;
use std::path::PathBuf;

/// Variables of the environment, those that are set to nothing left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    pub(super) endpoints: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) credentials_file: Option<PathBuf>,
    pub(super) ca_bundle: Option<PathBuf>,
}

impl Environment {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            endpoints: variable("BTRDB_ENDPOINTS"),
            api_key: variable("BTRDB_API_KEY"),
            profile: variable("BTRDB_PROFILE"),
            credentials_file: env::home_dir().map(|home| home.join(".predictivegrid").join("credentials.yaml")),
            ca_bundle: env::var_os("BTRDB_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from),
        }
    }
}
