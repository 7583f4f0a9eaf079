//! Words that end up in environment variables, Dockerfile instructions and comments.
//!
//! A Dockerfile has no escaping that an author could rely on, so its values cannot hold what would need any.

use super::scalar::{choice, text};

/// Environment variables by these names hold what must not stand in a manifest.
const SECRET_NAMES: [&str; 8] =
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "CREDENTIAL"];

text!(
    /// The name of an environment variable that holds nothing secret.
    EnvName,
    "a variable's name has letters, digits and `_`, no digit first, and does not look like a secret's: cofferdam never writes secrets into manifests",
    "LOG_LEVEL",
    |text| {
        let upper = text.to_ascii_uppercase();
        if SECRET_NAMES.iter().any(|word| upper.contains(word)) {
            return Err("mount the Secret as files instead: `secrets: [ { name: my-secret, mount: /run/secrets/my-secret } ]`".to_owned());
        }
        let valid = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !text.starts_with(|char: char| char.is_ascii_digit());
        if valid { Ok(()) } else { Err("for example `LOG_LEVEL`".to_owned()) }
    }
);

text!(
    /// The value of an environment variable: any text, for it is always written as one quoted scalar.
    EnvValue,
    "a variable's value has at most 8192 characters and no NUL",
    "info",
    |text| if text.len() <= 8192 && !text.contains('\0') {
        Ok(())
    } else {
        Err("mount longer values as files".to_owned())
    }
);

text!(
    /// One word of a command line, a file name or a target's name; goes into Dockerfiles.
    Word,
    "this is one word of letters, digits and `._-+/@:=,~%`, at most 200 characters",
    "dist/main.js",
    |text| {
        let valid = (1..=200).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+/@:=,~%".contains(&byte))
            && !text.split('/').any(|part| part == "..");
        if valid { Ok(()) } else { Err("for example `dist/main.js`".to_owned()) }
    }
);

text!(
    /// A preset's id: the app type.
    PresetId,
    "a preset is named by its id, in lower-case letters, digits and `-`",
    "rust",
    |text| {
        let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if valid { Ok(()) } else { Err("`cofferdam preset list` has them all".to_owned()) }
    }
);

text!(
    /// A Dockerfile's name, by which tools and our own rules know it.
    DockerfileName,
    "a Dockerfile is one file name that begins with `Dockerfile` or ends in `.Dockerfile`",
    "Dockerfile.worker",
    |text| {
        let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) && text.len() <= 100;
        let known = text == "Dockerfile" || text.starts_with("Dockerfile.") || text.ends_with(".Dockerfile");
        if word && known && !text.ends_with(".dockerignore") { Ok(()) } else { Err("for example `Dockerfile.worker`".to_owned()) }
    }
);

text!(
    /// The value of a label, for example a region.
    LabelValue,
    "a label's value has 1 to 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last",
    "eu-central-1",
    |text| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let valid = text.len() <= 63
            && edge(text.bytes().next())
            && edge(text.bytes().last())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if valid { Ok(()) } else { Err("for example `eu-central-1`".to_owned()) }
    }
);

text!(
    /// A version as image tags write it.
    ToolVersion,
    "a version is one to three numbers joined by dots",
    "1.27",
    |text| {
        let parts: Vec<&str> = text.split('.').collect();
        let number = |part: &&str| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if parts.len() <= 3 && parts.iter().all(number) { Ok(()) } else { Err("for example `1.27`".to_owned()) }
    }
);

text!(
    /// A sentence of a person's: a reason, a description. Goes into comments, so it is one line.
    Sentence,
    "this is one line of 3 to 300 printable characters",
    "the vendor's agent writes to /opt/agent",
    |text| if is_line(text, 3, 300) { Ok(()) } else { Err("for example `the vendor's agent writes to /opt/agent`".to_owned()) }
);

text!(
    /// What a person answers to a question of a pack, or what a pack makes of it: goes into labels and annotations.
    Line,
    "this is one line of 1 to 1000 printable characters",
    "checkout-team",
    |text| if is_line(text, 1, 1000) { Ok(()) } else { Err("for example `checkout-team`".to_owned()) }
);

fn is_line(text: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&text.chars().count())
        && text == text.trim()
        && !text.chars().any(|char| char.is_control() || "\u{2028}\u{2029}\u{feff}".contains(char))
        // Direction marks can make a line look like another one.
        && !text.chars().any(|char| ('\u{202a}'..='\u{202e}').contains(&char) || ('\u{2066}'..='\u{2069}').contains(&char))
}

choice!(
    /// Yes or no, without the words that YAML versions disagree about.
    Switch,
    "this is a switch",
    { True = "true", False = "false" }
);

impl Switch {
    pub fn is_on(self) -> bool {
        self == Self::True
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::True } else { Self::False }
    }
}
