use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "host-namespaces",
    severity: Severity::Critical,
    since: "0.1.0",
    summary: "pods share the node's network, processes or memory",
    why: "from there an intruder sees and reaches what the node does",
    remedy: "remove `hostNetwork`, `hostPID` and `hostIPC`",
    standards: &[Standard::PodSecurity(Level::Baseline), Standard::Cis("5.2.3"), Standard::Nsa],
    fields: &["hostNetwork", "hostPID", "hostIPC"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for pods in subject.pods() {
        let shared =
            [("hostNetwork", pods.spec.host_network), ("hostPID", pods.spec.host_pid), ("hostIPC", pods.spec.host_ipc)];
        for (field, _) in shared.into_iter().filter(|(_, on)| *on == Some(true)) {
            violations.push(Violation::object(
                pods.object,
                format!("{}/{field}", pods.pointer),
                format!("`{field}` is true"),
            ));
        }
    }
    violations
}
