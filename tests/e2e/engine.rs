//! What the proofs run on. Each engine is found or installed by a script of its name in `tests/engines/`, which prints
//! the variables that make it available; people use the same scripts by hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Engine {
    /// API servers of Kubernetes.
    Cluster,
    /// Builds and runs images.
    Docker,
    /// The same engine, with the image that Gradle builds in.
    Gradle,
    /// Scanners and validators.
    Judges,
    /// Fails and kills a program at its system calls.
    Strace,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Docker => "docker",
            Self::Gradle => "gradle",
            Self::Judges => "judges",
            Self::Strace => "strace",
        }
    }
}

/// The environment that an engine's programs are started in.
#[derive(Debug)]
pub(crate) struct Tools(BTreeMap<String, String>);

pub(crate) fn provide(engine: Engine) -> Result<Tools, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines").join(engine.name());
    // Its own lines are shell; what they come to is asked for in a form that needs no quoting.
    let output = Command::new("bash")
        .args(["-c", r#"variables=$("$0") && eval "$variables" && env -0"#])
        .arg(&script)
        .output()
        .map_err(|error| format!("{}: {error}", script.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.trim().lines().last().unwrap_or("it said nothing").to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let variables = text.split('\0').filter_map(|line| line.split_once('='));
    Ok(Tools(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

impl Tools {
    pub(crate) fn command(&self, program: &str) -> Command {
        // The path that a program is looked for in is the child's only where the name is resolved there.
        let paths = self.0.get("PATH").map(String::as_str).unwrap_or_default();
        let found = std::env::split_paths(paths).map(|folder| folder.join(program)).find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| program.into()));
        command.env_clear().envs(&self.0);
        command
    }

    pub(crate) fn variable(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or_else(|| format!("{name} is not set by its script"))
    }
}

/// What a program printed, whatever it thought of it. A program that could not run is a problem.
pub(crate) fn output(command: &mut Command) -> Result<(bool, String, String), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.success(), text(output.stdout), text(output.stderr)))
}
