use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "service-account-token",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "pods carry a key to the API server",
    why: "whoever takes the pod over asks the API server in its name",
    remedy: "set `automountServiceAccountToken: false`",
    standards: &[Standard::Cis("5.1.6")],
    fields: &["automountServiceAccountToken"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .pods()
        .filter(|pods| pods.spec.automount_service_account_token != Some(false))
        .map(|pods| {
            let pointer = format!("{}/automountServiceAccountToken", pods.pointer);
            Violation::object(pods.object, pointer, "the pods get an API server token")
        })
        .collect()
}
