//! The versions that builder and runtime images are asked for by default.
//!
//! Builder and runtime are both Debian 13 (glibc 2.41), so that what is linked in one runs in the other. Tags as of
//! August 2026: <https://github.com/docker-library/official-images>,
//! <https://github.com/GoogleContainerTools/distroless>.

/// By Dockerfile template: the toolchain version where the app names none.
pub static DEFAULT_TOOLS: &[(&str, &str)] =
    &[("rust", "1.98"), ("go", "1.27"), ("node", "24"), ("python", "3.13"), ("java", "21"), ("static", "24")];

pub fn default_tool(template: &str) -> &'static str {
    DEFAULT_TOOLS.iter().find(|(name, _)| *name == template).map_or("1", |(_, version)| version)
}

/// The distroless images carry one Python only; other versions run on the slim image of the same Debian.
pub fn python_runtime(version: &str) -> String {
    if version == "3.13" {
        "gcr.io/distroless/python3-debian13:nonroot".to_owned()
    } else {
        format!("python:{version}-slim-trixie")
    }
}
