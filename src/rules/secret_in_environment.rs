use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-environment",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a secret stands in an environment variable",
    why: "it shows in crash reports, in `kubectl describe` and to every child process",
    remedy: "mount the Secret as files, with a projected or secret volume",
    standards: &[Standard::Cis("5.4.1"), Standard::Nsa],
    fields: &["env", "secretKeyRef"],
    check,
};

/// Parts of names that what must stay secret usually has.
const WORDS: [&str; 7] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY"];

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers() {
        for (index, variable) in container.env.iter().enumerate() {
            let from_secret = variable.value_from.as_ref().is_some_and(|source| source.secret_key_ref.is_some());
            let name = variable.name.to_ascii_uppercase();
            // A path to a file is how it should be.
            let literal = variable.value.as_deref().is_some_and(|value| !value.is_empty() && !value.starts_with('/'));
            if from_secret || literal && WORDS.iter().any(|word| name.contains(word)) {
                let message = format!("container `{}` gets a secret as {}", container.name, variable.name);
                violations.push(container.violation(&format!("env/{index}"), message));
            }
        }
    }
    violations
}
