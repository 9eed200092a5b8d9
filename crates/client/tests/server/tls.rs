//! Connections that nobody can listen in on.

use std::path::Path;

use btrdb_client::native::{self, Login};
use btrdb_client::{ErrorKind, Options};
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::running::Running;

#[tokio::test]
async fn certificates_are_checked() {
    let identity = Identity::from_pem(include_str!("tls/server.pem"), include_str!("tls/server.key"));
    let server = Server::builder().tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
    let running = Running::start_as(None, server, false);
    let endpoint = format!("https://localhost:{}", running.address.port());
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/tls/ca.pem");
    let login = Login { endpoint: Some(endpoint.clone()), ca_bundle: Some(bundle.clone()), ..Login::default() };
    let connection = native::connect_as(&login, Options::default()).await.unwrap();
    assert_eq!(connection.info().await.unwrap().major_version, 5);

    let untrusted = native::connect(&endpoint, Options::default()).await.unwrap_err();
    assert_eq!(untrusted.kind(), ErrorKind::Unavailable, "{untrusted}");
    let plain = native::connect(&endpoint.replace("https", "http"), Options::default()).await.unwrap_err();
    // By how far the two get before they find out that they do not speak the same.
    assert!(matches!(plain.kind(), ErrorKind::Unavailable | ErrorKind::BadResponse), "{plain}");
    let missing = Login { ca_bundle: Some(bundle.with_file_name("none.pem")), ..login };
    let error = native::connect_as(&missing, Options::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.message().contains("none.pem"), "{error}");
}
