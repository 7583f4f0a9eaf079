//! Names that Kubernetes gives meaning to. Its rules: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>.

use super::scalar::text;

text!(
    /// A project's or a service's name. Every object of a service bears it, so the strictest kind decides:
    /// Service wants RFC 1035 (a letter first), StatefulSet and CronJob append to it within 63 characters.
    Name,
    "a name has 1 to 52 characters: lower-case letters, digits and `-`, a letter first, no `-` last",
    "checkout",
    |text| label(text, 52, true)
);

text!(
    /// A namespace, ours or one that we only refer to.
    Namespace,
    "a namespace has 1 to 63 characters: lower-case letters, digits and `-`, neither first nor last a `-`",
    "shop",
    |text| label(text, 63, false)
);

text!(
    /// The namespace that a project owns: it gets a quota, default-deny and Pod Security labels.
    OwnNamespace,
    "a project's namespace is its own: a namespace name, but neither `default` nor one of `kube-*`, which others need",
    "shop",
    |text| {
        label(text, 63, false)?;
        if text == "default" || text.starts_with("kube-") { Err("for example the project's name".to_owned()) } else { Ok(()) }
    }
);

text!(
    /// An object that exists in the cluster already: a Secret, a Gateway, a StorageClass.
    ObjectName,
    "an object name has 1 to 253 characters: lower-case letters, digits, `-` and `.`, a letter or digit first and last",
    "checkout-db",
    |text| subdomain(text, 253, 1)
);

text!(
    /// A container port's name.
    PortName,
    "a port name has 1 to 15 characters: lower-case letters, digits and single `-`, at least one letter",
    "metrics",
    |text| {
        let ok = label(text, 15, false).is_ok()
            && !text.contains("--")
            && text.bytes().any(|byte| byte.is_ascii_lowercase());
        if ok { Ok(()) } else { Err("for example `metrics`".to_owned()) }
    }
);

text!(
    /// A host that people or programs outside reach, or are reached at.
    Host,
    "a host is a full DNS name: labels of lower-case letters, digits and `-`, joined by dots, no scheme, port or wildcard",
    "checkout.example.com",
    |text| subdomain(text, 253, 2)
);

fn label(text: &str, longest: usize, letter_first: bool) -> Result<(), String> {
    let valid = (1..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !(letter_first && text.starts_with(|char: char| char.is_ascii_digit()));
    if valid {
        return Ok(());
    }
    Err(match mended(text, longest) {
        Some(name) => format!("for example `{name}`"),
        None => "for example `checkout`".to_owned(),
    })
}

fn subdomain(text: &str, longest: usize, labels: usize) -> Result<(), String> {
    let valid = text.len() <= longest
        && text.split('.').count() >= labels
        && text.split('.').all(|part| label(part, 63, false).is_ok());
    if valid {
        Ok(())
    } else if labels > 1 {
        Err("for example `checkout.example.com`".to_owned())
    } else {
        Err("for example `checkout-db`".to_owned())
    }
}

/// The nearest valid name to what a person or a manifest calls an app: `@acme/Check_Out` becomes `check-out`.
pub fn mended(text: &str, longest: usize) -> Option<String> {
    let text = text.rsplit('/').next().unwrap_or(text);
    let mut name = String::new();
    for char in text.chars() {
        match char.to_ascii_lowercase() {
            char if char.is_ascii_lowercase() || char.is_ascii_digit() => name.push(char),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_start_matches(|char: char| !char.is_ascii_lowercase());
    let name = &name[..name.len().min(longest)];
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}
