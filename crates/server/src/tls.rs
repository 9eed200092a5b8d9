//! The certificate of the TLS door: one of the operator's, or one that signs itself.

mod self_signed;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{Error as PemError, PemObject},
        },
    },
};

/// The protocols within TLS, best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What `btrdb-local serve` takes for TLS.
#[derive(Clone, Debug, Args)]
pub struct TlsArgs {
    /// Another address to listen on, with TLS: 4411 is the port that clients expect it on. Answers all that --listen does.
    #[arg(long, value_name = "ADDRESS", requires = "certificate")]
    pub listen_tls: Option<SocketAddr>,

    /// The certificate for --listen-tls, as PEM: the server's own first, then those that lead to a known authority.
    #[arg(long, value_name = "FILE", group = "certificate", requires_all = ["tls_key", "listen_tls"])]
    pub tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Let --listen-tls use a certificate that no authority vouches for. It is made once and kept in the data folder, and
    /// holds for localhost, the address and every --tls-name; clients have to be told to trust it.
    #[arg(long, group = "certificate", requires = "listen_tls")]
    pub tls_self_signed: bool,

    /// A name by which clients reach this machine, for --tls-self-signed; may be given several times.
    #[arg(long, value_name = "NAME", requires = "tls_self_signed")]
    pub tls_name: Vec<String>,

    /// No plain port: --listen-tls only.
    #[arg(long, requires = "listen_tls", conflicts_with = "listen")]
    pub tls_only: bool,
}

/// A TLS door that cannot be opened.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file that cannot be read, or holds something else.
    #[error("cannot read the {what} in {file}")]
    Read {
        /// What should be in it.
        what: &'static str,
        /// The file as given.
        file: PathBuf,
        /// Why.
        source: PemError,
    },
    /// A file without a certificate.
    #[error("no certificate in {0}: it should be PEM, with BEGIN CERTIFICATE")]
    NoCertificate(PathBuf),
    /// A certificate and a key that do not belong together, or of a kind that is not supported.
    #[error("the certificate in {0} and its key cannot be used")]
    Unfit(PathBuf, #[source] tokio_rustls::rustls::Error),
    /// A name that no host can have.
    #[error("--tls-name {0:?} is neither the name of a host nor an IP address")]
    NotAName(String),
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    /// A certificate that was made could not be kept.
    #[error("cannot keep the certificate in {file}")]
    Write {
        /// Where it should be.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The certificate that was made earlier is not for all names that are now asked for.
    #[error(
        "the certificate in {file} was made earlier and does not hold for {name}: remove that file to have another one \
         made, which clients then have to trust anew"
    )]
    OtherName {
        /// The file.
        file: PathBuf,
        /// The name it lacks.
        name: String,
    },
}

/// A certificate at work.
pub(crate) struct Certificate {
    pub(crate) acceptor: TlsAcceptor,
    /// What a person is told who wants to trust it; nothing where an authority vouches for it.
    pub(crate) notice: Option<String>,
}

impl TlsArgs {
    /// The certificate asked for; `None` without a TLS door. One that signs itself is kept in the folder `data`.
    pub(crate) fn certificate(&self, data: &Path) -> Result<Option<Certificate>, TlsError> {
        let Some(address) = self.listen_tls else { return Ok(None) };
        let own = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        let Some((cert, key)) = own else {
            let kept = self_signed::kept(data, address.ip(), &self.tls_name)?;
            let chain = read_chain(&kept.cert)?;
            let notice = notice(&kept.cert, &chain[0]);
            return Ok(Some(Certificate { acceptor: acceptor(&kept.cert, &kept.key)?, notice: Some(notice) }));
        };
        Ok(Some(Certificate { acceptor: acceptor(cert, key)?, notice: None }))
    }
}

fn notice(file: &Path, certificate: &CertificateDer<'_>) -> String {
    let file = file.display();
    format!(
        "certificate {file}\n  SHA-256 {}\n  no authority vouches for it; clients trust it with\n  \
         BTRDB_CA_BUNDLE={file} (btrdb for Python), SSL_CERT_FILE={file} (btrdb-local import), --cacert {file} (curl)",
        fingerprint(certificate)
    )
}

/// As browsers and openssl show it.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let bytes: Vec<String> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unread = |source| TlsError::Read { what: "certificate", file: file.to_owned(), source };
    let chain = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(unread)?;
    if chain.is_empty() { Err(TlsError::NoCertificate(file.to_owned())) } else { Ok(chain) }
}

fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain = read_chain(cert)?;
    let unread = |source| TlsError::Read { what: "private key", file: key.to_owned(), source };
    let key = PrivateKeyDer::from_pem_file(key).map_err(unread)?;
    let unfit = |error| TlsError::Unfit(cert.to_owned(), error);
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
