use super::context::{Subject, Violation};
use super::{Level, Rule, Severity, Standard};

pub(super) static RULE: Rule = Rule {
    id: "host-port",
    severity: Severity::High,
    since: "0.1.0",
    summary: "a container takes a port of its node",
    why: "it is reachable past every Service and NetworkPolicy, and two such pods cannot share a node",
    remedy: "remove `hostPort`; a Service makes it reachable",
    standards: &[Standard::PodSecurity(Level::Baseline), Standard::Cis("5.2.13")],
    fields: &["hostPort"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    let mut violations = Vec::new();
    for container in subject.containers() {
        for (index, port) in container.ports.iter().enumerate() {
            if let Some(number) = port.host_port.filter(|number| *number != 0) {
                let message = format!("container `{}` takes port {number} of the node", container.name);
                violations.push(container.violation(&format!("ports/{index}/hostPort"), message));
            }
        }
    }
    violations
}
