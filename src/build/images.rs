//! The runtime images that depend on a version.
//!
//! Builder and runtime are both Debian 13 (glibc 2.41), so that what is linked in one runs in the other. Tags as of
//! August 2026: <https://github.com/docker-library/official-images>,
//! <https://github.com/GoogleContainerTools/distroless>.

/// The distroless images carry one Python only; other versions run on the slim image of the same Debian.
pub fn python_runtime(version: &str) -> String {
    if version == "3.13" {
        "gcr.io/distroless/python3-debian13:nonroot".to_owned()
    } else {
        format!("python:{version}-slim-trixie")
    }
}
