//! What every door leads to: calls, the explorer's files, whether the server is well, and its metrics.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use btrdb_engine::Rights;
use btrdb_proto::server::SERVICE_NAME;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use thiserror::Error;
use tonic_web::GrpcWebLayer;
use tower::Layer;
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

use crate::{
    Service,
    calls::CallsLayer,
    front::Front,
    keys::Keys,
    metrics::{self, Metrics},
};

/// A page that cannot be served.
#[derive(Debug, Error)]
#[error("no explorer in {0}: it has no index.html; build it with `cargo xtask dist`, or leave --app out")]
pub struct NoApp(PathBuf);

/// What the page may load: itself and its wasm; it may talk to any server, since the person names it.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; connect-src *; object-src 'none'; base-uri 'none'; \
                      frame-ancestors 'self'";

/// How long a browser may remember that a page of another origin is let in; Chromium takes no more.
const PREFLIGHT_AGE: Duration = Duration::from_hours(2);

/// What a server shows besides native gRPC.
#[derive(Debug, Default)]
pub(crate) struct Shown<'a> {
    /// The folder of the explorer.
    pub(crate) app: Option<&'a Path>,
    /// Whose pages may make gRPC-web calls.
    pub(crate) origins: &'a [HeaderValue],
    /// Nothing for browsers: no gRPC-web, no files.
    pub(crate) native_only: bool,
}

/// The routes of a server: gRPC and gRPC-web for `service`, metrics, and what is to be `shown`.
pub(crate) fn router(service: Service, metrics: Arc<Metrics>, shown: &Shown<'_>) -> Result<Router, NoApp> {
    let keys = service.keys();
    let calls = CallsLayer { metrics: metrics.clone(), keys: keys.clone() }.layer(Front::new(service.into_server()));
    let path = format!("/{SERVICE_NAME}/{{call}}");
    let calls = if shown.native_only {
        Router::new().route_service(&path, calls).layer(from_fn(native_only))
    } else {
        let calls = Router::new().route_service(&path, GrpcWebLayer::new().layer(calls));
        calls.layer(cors(shown.origins)).layer(from_fn(show_timing))
    };
    let told = Router::new().route("/metrics", get(tell)).with_state(Told { metrics, keys });
    let router = calls.merge(told).route("/healthz", get(|| async { "ok\n" }));
    match shown.app {
        None => Ok(router),
        Some(folder) if folder.join("index.html").is_file() => Ok(router.fallback_service(files(folder))),
        Some(folder) => Err(NoApp(folder.to_owned())),
    }
}

/// Refuses what is not native gRPC: over HTTP/2, and framed as such.
async fn native_only(request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if request.version() == Version::HTTP_2 && matches!(kind, Some(b"application/grpc" | b"application/grpc+proto")) {
        return next.run(request).await;
    }
    let why = "this server takes native gRPC only (application/grpc over HTTP/2): it was started with --native-only\n";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into_response()
}

/// What `/metrics` needs.
#[derive(Clone)]
struct Told {
    metrics: Arc<Metrics>,
    keys: Option<Arc<Keys>>,
}

/// The metrics, for those who may see everything.
async fn tell(State(told): State<Told>, headers: HeaderMap) -> Response {
    let refuse = |status: StatusCode, why: &'static str| (status, why).into_response();
    if let Some(keys) = &told.keys {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match keys.rights_of(authorization) {
            None => {
                let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
                return (ask, refuse(StatusCode::UNAUTHORIZED, "metrics need an API key: Authorization: Bearer KEY\n"))
                    .into_response();
            }
            Some(rights) if *rights != Rights::default() => {
                return refuse(StatusCode::FORBIDDEN, "metrics need an API key without `read` and `prefix=`\n");
            }
            Some(_) => {}
        }
    }
    match told.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(std::fmt::Error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written as text\n"),
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

/// Shows the timing of a call, and by which protocol it went, to the pages that may read its answer.
async fn show_timing(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    if let Some(origin) = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned() {
        answer.headers_mut().insert("timing-allow-origin", origin);
    }
    answer
}

/// What a browser needs to let a page of another origin make gRPC-web calls and see how they ended.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let allowed = [
        "authorization",
        "content-type",
        "grpc-accept-encoding",
        "grpc-encoding",
        "grpc-timeout",
        "x-api-client",
        "x-grpc-web",
        "x-user-agent",
    ];
    let exposed = ["grpc-encoding", "grpc-message", "grpc-retry-pushback-ms", "grpc-status", "grpc-status-details-bin"];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::POST])
        .allow_headers(allowed.map(HeaderName::from_static))
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(PREFLIGHT_AGE)
}
