use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};
use crate::manifest::Typed;

pub(super) static RULE: Rule = Rule {
    id: "unrestricted-namespace",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "a namespace takes any pod",
    why: "one manifest that forgot its security context is enough",
    remedy: "label the Namespace `pod-security.kubernetes.io/enforce: restricted`",
    standards: &[Standard::Cis("5.2.1")],
    fields: &["pod-security.kubernetes.io/enforce"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .objects
        .iter()
        .filter(|object| matches!(object.typed, Typed::Namespace(_)))
        .filter(|object| {
            let level =
                object.metadata.labels.as_ref().and_then(|labels| labels.get("pod-security.kubernetes.io/enforce"));
            level.map(String::as_str) != Some("restricted")
        })
        .map(|object| Violation::object(object, "/metadata/labels", "the namespace does not enforce `restricted`"))
        .collect()
}
