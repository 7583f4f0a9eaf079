use std::collections::BTreeSet;

use super::context::{Subject, Violation};
use super::{Rule, Severity, Standard};
use crate::manifest::Typed;
use crate::netpol::{Direction, isolates};
use crate::selector::PodIndex;

pub(super) static RULE: Rule = Rule {
    id: "missing-network-policy",
    severity: Severity::High,
    since: "0.1.0",
    summary: "pods may be reached by everything, or may reach everything",
    why: "an intruder in one pod of the cluster is in reach of this one, or from this one of everything else",
    remedy: "add a NetworkPolicy that selects the pods, for Ingress and Egress",
    standards: &[Standard::Cis("5.3.2"), Standard::Nsa],
    fields: &["policyTypes"],
    check,
};

fn check<'a>(subject: &Subject<'a>) -> Vec<Violation<'a>> {
    const DIRECTIONS: [Direction; 2] = [Direction::Ingress, Direction::Egress];
    let index = PodIndex::new(subject.pods());
    let mut isolated = BTreeSet::new();
    for object in subject.objects {
        let Typed::NetworkPolicy(policy) = &object.typed else { continue };
        let Some(policy) = &policy.spec else { continue };
        for pods in index.met(policy.pod_selector.as_ref()) {
            if pods.object.namespace() == object.namespace() {
                let covered = DIRECTIONS.into_iter().filter(|direction| isolates(policy, *direction));
                isolated.extend(covered.map(|direction| (std::ptr::from_ref(pods.object), direction)));
            }
        }
    }
    let mut violations = Vec::new();
    for pods in subject.pods() {
        for direction in DIRECTIONS {
            if !isolated.contains(&(std::ptr::from_ref(pods.object), direction)) {
                let message = format!("no NetworkPolicy isolates the pods for {direction:?}");
                violations.push(Violation::object(pods.object, "/metadata/name", message));
            }
        }
    }
    violations
}
