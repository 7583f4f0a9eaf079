use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "default-service-account",
    severity: Severity::Medium,
    since: "0.1.0",
    summary: "pods share the namespace's default account",
    why: "whatever is ever granted to that account, all of them get",
    remedy: "give the workload a ServiceAccount of its own, and set `serviceAccountName`",
    standards: &[Standard::Cis("5.1.5")],
    fields: &["serviceAccountName"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    subject
        .pods()
        .filter(|pods| matches!(pods.spec.service_account_name.as_deref(), None | Some("" | "default")))
        .map(|pods| {
            Violation::object(
                pods.object,
                format!("{}/serviceAccountName", pods.pointer),
                "the pods run as the account `default`",
            )
        })
        .collect()
}
