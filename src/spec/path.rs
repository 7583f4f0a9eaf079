//! Paths: below the project, or inside the container.

use super::scalar::text;

text!(
    /// A path below the project folder, `/`-separated; `.` is the project folder itself.
    RelPath,
    "a path here stays below the project folder: relative, with `/`, without `..`, made of letters, digits and `._-+@`",
    "services/checkout",
    |text| {
        let part_ok = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.chars().all(|char| char.is_alphanumeric() || "._-+@".contains(char))
        };
        if text == "." || text.len() <= 400 && text.split('/').all(part_ok) {
            Ok(())
        } else {
            Err("for example `.` or `services/checkout`".to_owned())
        }
    }
);

impl RelPath {
    /// A path below this one.
    pub fn join(&self, below: &str) -> String {
        if self.as_str() == "." { below.to_owned() } else { format!("{}/{below}", self.as_str()) }
    }
}

text!(
    /// A folder inside the container where something is mounted.
    MountPath,
    "a mount path is absolute and normalised, made of letters, digits and `._-`; it hides neither the program (`/app`, `/usr`, `/venv`, …) nor `/proc`, `/sys`, `/dev` (but `/dev/shm` is fine)",
    "/var/cache/app",
    |text| {
        let part_ok = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let reserved = ["/proc", "/sys", "/dev"]
            .iter()
            .any(|top| text == *top || text.starts_with(&format!("{top}/")));
        let program = ["/app", "/bin", "/etc", "/lib", "/nodejs", "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/venv"];
        let valid = text.len() <= 250
            && !program.contains(&text)
            && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part_ok))
            && (!reserved || text == "/dev/shm");
        if valid { Ok(()) } else { Err("for example `/var/cache/app`".to_owned()) }
    }
);

text!(
    /// The path part of an HTTP request.
    HttpPath,
    "an HTTP path starts with `/` and has no spaces, quotes or control characters",
    "/healthz",
    |text| {
        let valid = text.starts_with('/')
            && text.len() <= 250
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%!$&()*+,;=:@?".contains(&byte));
        if valid { Ok(()) } else { Err("for example `/healthz`".to_owned()) }
    }
);
