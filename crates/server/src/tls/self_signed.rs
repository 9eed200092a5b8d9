//! A certificate that signs itself, made once and kept, so that clients have to trust it once.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::{client::verify_server_name, pki_types::ServerName, server::ParsedCertificate};

use super::{TlsError, read_chain};

/// The files inside a data folder.
const CERT: &str = "self-signed.crt";
const KEY: &str = "self-signed.key";

/// For how many years a certificate holds.
const YEARS: i64 = 10;

/// Where a certificate and its key are.
pub(super) struct Kept {
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
}

/// The certificate of the data folder `folder`, made if it is missing: for this machine, for `address` and for `names`.
///
/// # Errors
/// When a name is none, or the certificate cannot be made or read, or is for other names.
pub(super) fn kept(folder: &Path, address: IpAddr, names: &[String]) -> Result<Kept, TlsError> {
    if let Some(wrong) = names.iter().find(|name| ServerName::try_from(name.as_str()).is_err()) {
        return Err(TlsError::NotAName(wrong.clone()));
    }
    let mut wanted = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let address = (!address.is_unspecified()).then(|| address.to_string());
    wanted.extend(address.into_iter().chain(names.iter().cloned()));
    wanted.sort();
    wanted.dedup();
    let kept = Kept { cert: folder.join(CERT), key: folder.join(KEY) };
    if !kept.cert.exists() {
        make(&kept, &wanted)?;
    }
    let chain = read_chain(&kept.cert)?;
    let unfit = |error| TlsError::Unfit(kept.cert.clone(), error);
    let parsed = ParsedCertificate::try_from(&chain[0]).map_err(unfit)?;
    let holds_for =
        |name: &str| ServerName::try_from(name).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
    match wanted.into_iter().find(|name| !holds_for(name)) {
        Some(name) => Err(TlsError::OtherName { file: kept.cert, name }),
        None => Ok(kept),
    }
}

fn make(kept: &Kept, names: &[String]) -> Result<(), TlsError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    let midnight = |date: Date| date_time_ymd(date.year().into(), date.month() as u8, date.day() as u8);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    // A day for clients whose clock is behind.
    params.not_before = midnight(today.saturating_sub(1.day()));
    params.not_after = midnight(today.saturating_add(YEARS.years()));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "btrdb-local");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    // The certificate last: where it is, its key is too.
    write(&kept.key, &key.serialize_pem(), 0o600)?;
    write(&kept.cert, &certificate.pem(), 0o644)
}

/// Writes `text` into `file` such that it is there whole or not at all, and never readable for others than `mode` says.
fn write(file: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let unwritten = |source: io::Error| TlsError::Write { file: file.to_owned(), source };
    let fresh = file.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let _ = fs::remove_file(&fresh);
    let mut opened = options.open(&fresh).map_err(unwritten)?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).map_err(unwritten)?;
    fs::rename(&fresh, file).map_err(unwritten)
}
