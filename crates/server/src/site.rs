//! What one listener answers: calls, the explorer's files, and whether it is well.

use std::path::{Path, PathBuf};

use axum::{Router, routing::get};
use btrdb_proto::server::SERVICE_NAME;
use http::{HeaderName, HeaderValue, Method, header};
use thiserror::Error;
use tonic_web::GrpcWebLayer;
use tower::Layer;
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

use crate::Service;

/// A page that cannot be served.
#[derive(Debug, Error)]
#[error("no explorer in {0}: it has no index.html; build it with `cargo xtask dist`, or leave --app out")]
pub struct NoApp(PathBuf);

/// What the page may load: itself and its wasm; it may talk to any server, since the person names it.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; connect-src *; object-src 'none'; base-uri 'none'; \
                      frame-ancestors 'self'";

/// The routes of a server: gRPC and gRPC-web for `service`, files from `app`, pages of `origins` let in.
pub(crate) fn router(service: Service, app: Option<&Path>, origins: &[HeaderValue]) -> Result<Router, NoApp> {
    let calls = GrpcWebLayer::new().layer(service.into_server());
    let calls = Router::new().route_service(&format!("/{SERVICE_NAME}/{{call}}"), calls).layer(cors(origins));
    let router = calls.route("/healthz", get(|| async { "ok\n" }));
    match app {
        None => Ok(router),
        Some(folder) if folder.join("index.html").is_file() => Ok(router.fallback_service(files(folder))),
        Some(folder) => Err(NoApp(folder.to_owned())),
    }
}

fn files(folder: &Path) -> Router {
    let header = |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip())
        // Files are small and change with every build: ask each time, get "not modified".
        .layer(header(header::CACHE_CONTROL, "no-cache"))
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

/// What a browser needs to let a page of another origin make gRPC-web calls and see how they ended.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let allowed = ["authorization", "content-type", "grpc-timeout", "x-api-client", "x-grpc-web", "x-user-agent"];
    let exposed = ["grpc-status", "grpc-message", "grpc-status-details-bin"];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::POST])
        .allow_headers(allowed.map(HeaderName::from_static))
        .expose_headers(exposed.map(HeaderName::from_static))
}
