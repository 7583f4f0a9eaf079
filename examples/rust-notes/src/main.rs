//! Notes over HTTP. Uploads are spooled to a temporary file, as real apps do.

use std::io::Write as _;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, post};

#[tokio::main]
async fn main() {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let app = Router::new()
        .route("/", get(|| async { "notes\n" }))
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(|| async { "ready\n" }))
        .route("/upload", post(upload));
    let listener = tokio::net::TcpListener::bind(format!("0.0.0.0:{port}")).await.expect("the port is free");
    axum::serve(listener, app).with_graceful_shutdown(terminated()).await.expect("the server runs");
}

async fn upload(body: Bytes) -> Result<String, (StatusCode, String)> {
    let path = std::env::temp_dir().join("upload");
    std::fs::File::create(&path)
        .and_then(|mut file| file.write_all(&body))
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{}: {error}\n", path.display())))?;
    Ok(format!("{} bytes\n", body.len()))
}

async fn terminated() {
    let mut signal =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("SIGTERM can be awaited");
    signal.recv().await;
}
