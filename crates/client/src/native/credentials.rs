//! Which server to connect to, and with which key.

use std::fmt;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Yaml};

use super::connect::Login;
use super::environment::Environment;
use crate::error::{Error, ErrorKind, Result};

/// A server and the key to it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `host:port`, or a URL.
    pub endpoint: String,
    /// The API key, where the server asks for one.
    pub api_key: Option<String>,
    /// A file of the certificates that the server's must come from, as PEM, if not from those that the system trusts.
    pub ca_bundle: Option<PathBuf>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Credentials {
    /// What `login`, the environment and the user's file of profiles say together.
    ///
    /// With a profile in `login`, that section of the file alone. Otherwise, later ones winning: the section that
    /// `BTRDB_PROFILE` names, or else `default`; `BTRDB_ENDPOINTS` and `BTRDB_API_KEY`; `login`. The
    /// certificates to trust are those of `login`, or else of `BTRDB_CA_BUNDLE`. The file is
    /// `~/.predictivegrid/credentials.yaml`:
    ///
    /// ```yaml
    /// default:
    ///   btrdb:
    ///     endpoints: "localhost:4410"
    ///     api_key: "…"
    /// ```
    ///
    /// # Errors
    /// `Connection` where no endpoint is known, and where the file is no such file; `InvalidValue` for an endpoint
    /// together with a profile; `ProfileNotFound` for a named profile that the file does not have;
    /// `CredentialsFileNotFound` where a profile is in `login` but there is no file.
    pub fn find(login: &Login) -> Result<Self> {
        from(login, &Environment::of_process())
    }
}

/// A part of what is needed, later parts taking the place of earlier ones.
#[derive(Clone, Debug, Default)]
struct Part {
    endpoint: Option<String>,
    api_key: Option<String>,
}

impl Part {
    fn or(self, earlier: Self) -> Self {
        Self { endpoint: self.endpoint.or(earlier.endpoint), api_key: self.api_key.or(earlier.api_key) }
    }
}

fn from(login: &Login, environment: &Environment) -> Result<Credentials> {
    let profile = match (&login.profile, &environment.credentials_file) {
        (Some(_), _) if login.endpoint.is_some() => {
            let message = "an endpoint and a profile: give the one or the other";
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        (Some(name), Some(file)) => Some(needed(profile(file, name)?, file, name)?),
        (Some(name), None) => return Err(no_file(name, "no home directory is known")),
        (None, Some(file)) => in_use(file, environment.profile.as_deref())?,
        (None, None) => None,
    };
    let stored = profile.unwrap_or_default();
    let said = Part { endpoint: login.endpoint.clone(), api_key: login.api_key.clone() };
    let all = if login.profile.is_some() {
        said.or(stored)
    } else {
        let in_environment = Part { endpoint: environment.endpoints.clone(), api_key: environment.api_key.clone() };
        said.or(in_environment).or(stored)
    };
    let missing = || {
        let message = "no endpoint: give one, set BTRDB_ENDPOINTS, or write a profile into \
                       ~/.predictivegrid/credentials.yaml";
        Error::new(ErrorKind::Connection, message)
    };
    let ca_bundle = login.ca_bundle.clone().or_else(|| environment.ca_bundle.clone());
    Ok(Credentials { endpoint: all.endpoint.ok_or_else(missing)?, api_key: all.api_key, ca_bundle })
}

/// The profile `named`, or else the default one, which need not be there; nor need the file.
fn in_use(file: &Path, named: Option<&str>) -> Result<Option<Part>> {
    let name = named.unwrap_or("default");
    match profile(file, name) {
        Ok(None) if named.is_some() => needed(None, file, name).map(Some),
        Err(error) if error.kind() == ErrorKind::CredentialsFileNotFound => Ok(None),
        found => found,
    }
}

fn needed(found: Option<Part>, file: &Path, name: &str) -> Result<Part> {
    found.ok_or_else(|| Error::new(ErrorKind::ProfileNotFound, format!("{} has no profile {name:?}", file.display())))
}

fn no_file(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::CredentialsFileNotFound, format!("no file to read the profile {name:?} from: {why}"))
}

/// The section `name` of `file`, if it has one.
fn profile(file: &Path, name: &str) -> Result<Option<Part>> {
    let broken = |why: String| Error::new(ErrorKind::Connection, format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|why| match why.kind() {
        IoErrorKind::NotFound => no_file(name, &format!("{} does not exist", file.display())),
        _ => broken(why.to_string()),
    })?;
    let documents = Yaml::load_from_str(&text).map_err(|why| broken(why.to_string()))?;
    let section = documents.first().and_then(|document| document.as_mapping_get(name));
    Ok(section.map(|section| {
        let btrdb = section.as_mapping_get("btrdb");
        let text = |key| btrdb.and_then(|btrdb| btrdb.as_mapping_get(key)).and_then(Yaml::as_str).map(str::to_owned);
        Part { endpoint: text("endpoints"), api_key: text("api_key") }
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FILE: &str = "
default:
  name: default
  btrdb:
    endpoints: \"a:4410\"
    api_key: \"A\"
other:
  btrdb: {endpoints: \"b:4411\"}
";

    /// What is found with a file of `text`, as endpoint and key.
    fn find(
        text: Option<&str>,
        environment: [&str; 3],
        login: [&str; 3],
    ) -> Result<(String, Option<String>), ErrorKind> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials.yaml");
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [endpoints, api_key, profile] = environment.map(said);
        let environment = Environment { endpoints, api_key, profile, credentials_file: Some(file), ca_bundle: None };
        let [endpoint, api_key, profile] = login.map(said);
        let found = from(&Login { endpoint, api_key, profile, ca_bundle: None }, &environment);
        found.map(|found| (found.endpoint, found.api_key)).map_err(|error| error.kind())
    }

    #[test]
    fn later_sources_win() {
        let of = |endpoint: &str, key: &str| Ok((endpoint.to_owned(), (!key.is_empty()).then(|| key.to_owned())));
        let nothing = ["", "", ""];
        assert_eq!(find(Some(FILE), nothing, nothing), of("a:4410", "A"));
        assert_eq!(find(Some(FILE), ["", "", "other"], nothing), of("b:4411", ""));
        assert_eq!(find(Some(FILE), ["c:1", "", ""], nothing), of("c:1", "A"));
        assert_eq!(find(Some(FILE), ["c:1", "C", "other"], nothing), of("c:1", "C"));
        assert_eq!(find(Some(FILE), ["c:1", "C", ""], ["d:1", "", ""]), of("d:1", "C"));
        assert_eq!(find(Some(FILE), ["c:1", "C", ""], ["d:1", "D", ""]), of("d:1", "D"));
        assert_eq!(find(Some(FILE), ["c:1", "C", ""], ["", "", "other"]), of("b:4411", ""), "the profile alone");
        assert_eq!(find(None, ["c:1", "", ""], nothing), of("c:1", ""));
    }

    #[test]
    fn certificates_come_from_the_login_first() {
        let path = |name: &str| Some(PathBuf::from(name));
        let environment = Environment { ca_bundle: path("e"), ..Environment::default() };
        let mut login = Login { endpoint: Some("a:1".to_owned()), ..Login::default() };
        assert_eq!(from(&login, &environment).unwrap().ca_bundle, path("e"));
        login.ca_bundle = path("l");
        assert_eq!(from(&login, &environment).unwrap().ca_bundle, path("l"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let nothing = ["", "", ""];
        assert_eq!(find(None, nothing, nothing), Err(ErrorKind::Connection));
        assert_eq!(find(Some("other:\n  btrdb: {}\n"), nothing, nothing), Err(ErrorKind::Connection));
        assert_eq!(find(Some(FILE), ["", "", "none"], nothing), Err(ErrorKind::ProfileNotFound));
        assert_eq!(find(Some(FILE), nothing, ["", "", "none"]), Err(ErrorKind::ProfileNotFound));
        assert_eq!(find(None, nothing, ["", "", "other"]), Err(ErrorKind::CredentialsFileNotFound));
        assert_eq!(find(Some(FILE), nothing, ["d:1", "", "other"]), Err(ErrorKind::InvalidValue));
        assert_eq!(find(Some("a: [b"), nothing, nothing), Err(ErrorKind::Connection));
    }
}
