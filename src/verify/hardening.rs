//! What our output has beyond the rules that hold for everybody's: lines that no rule asks for, and that we promise.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::joins::wrong;
use crate::dockerfile::Directive;
use crate::kubernetes::Feature;
use crate::manifest::{Object, Pods, Typed};
use crate::problem::{Place, Problem, shown};
use crate::rules::Subject;

/// What a namespace's quota counts; the last two are ways in beside the routes.
const COUNTED: [&str; 8] = [
    "pods",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "persistentvolumeclaims",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

/// What a namespace's limits say about a container.
const BOUNDED: [(&str, &str); 11] = [
    ("default", "cpu"),
    ("default", "memory"),
    ("default", "ephemeral-storage"),
    ("defaultRequest", "cpu"),
    ("defaultRequest", "memory"),
    ("defaultRequest", "ephemeral-storage"),
    ("min", "cpu"),
    ("min", "memory"),
    ("max", "cpu"),
    ("max", "memory"),
    ("max", "ephemeral-storage"),
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in subject.dockerfiles {
        for Directive { line, name, value } in &file.directives {
            let is_known = name == "check" || name == "syntax" && value.starts_with("docker/dockerfile:");
            if ["syntax", "escape", "check"].contains(&name.as_str()) && !is_known {
                let what = format!("the directive `{name}` is {}", shown(value));
                let why = "it changes who reads the file, or how: others build something else";
                let help = "leave it out, or name `docker/dockerfile:1`";
                let place = Place::File { path: file.path.clone(), line: *line, column: 1 };
                problems.push(Problem::new(what, why, help).at(Some(place)));
            }
        }
    }
    for object in subject.objects {
        if object.name().is_empty() && object.kind != "Kustomization" {
            problems.push(wrong(object, "/metadata", "it has no name", "the API server refuses it"));
        }
        match &object.typed {
            Typed::ServiceAccount(account) if account.automount_service_account_token != Some(false) => {
                let what = "pods get its token unless they refuse it";
                problems.push(wrong(object, "/metadata", what, "a pod that says nothing must go without"));
            }
            Typed::Deployment(deployment) => {
                let strategy = deployment.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
                if strategy.and_then(|update| update.max_unavailable.as_ref()) != Some(&IntOrString::Int(0)) {
                    let what = "an update may stop pods before others are ready";
                    problems.push(wrong(object, "/spec/strategy", what, "users would notice"));
                }
            }
            Typed::Secret(secret) if secret.data.is_some() || secret.string_data.is_some() => {
                let what = "its values would stand in a file";
                let why = "whoever reads the repository reads them; name a store of secrets instead, as an ExternalSecret does";
                problems.push(wrong(object, "/metadata", what, why));
            }
            Typed::Namespace(_) => problems.extend(namespace(subject, object)),
            _ => {}
        }
        if let Some(pods) = object.pods() {
            let wrong = |what| wrong(object, pods.pointer, what, "we promise it for every pod");
            problems.extend(pod(subject, pods).into_iter().map(wrong));
        }
    }
    problems
}

fn pod(subject: &Subject<'_>, pods: Pods<'_>) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let context = pods.spec.security_context.as_ref();
    let user = context.and_then(|context| context.run_as_user);
    if user.is_none_or(|user| user == 0) {
        missing.push("no numeric user");
    }
    if context.and_then(|context| context.run_as_group) != user || context.and_then(|context| context.fs_group) != user
    {
        missing.push("its groups are not its user's, so that it may not write its volumes");
    }
    if context.and_then(|context| context.run_as_non_root) != Some(true) {
        missing.push("nothing keeps root out of its containers");
    }
    if subject.kubernetes.may_use(Feature::SupplementalGroupsPolicy)
        && context.and_then(|context| context.supplemental_groups_policy.as_deref()) != Some("Strict")
    {
        missing.push("the image may add groups");
    }
    if pods.spec.enable_service_links != Some(false) {
        missing.push("it learns the addresses of every Service");
    }
    let mut mounts = pods.spec.containers.iter().flat_map(|container| container.volume_mounts.iter().flatten());
    if mounts.any(|mount| mount.mount_path.is_empty()) {
        missing.push("a volume is mounted nowhere");
    }
    missing
}

fn namespace(subject: &Subject<'_>, namespace: &Object) -> Vec<Problem> {
    let mut problems = Vec::new();
    let inside = || subject.objects.iter().filter(|object| object.namespace() == namespace.name());
    let denied: BTreeSet<&str> = inside()
        .filter_map(|object| match &object.typed {
            Typed::NetworkPolicy(policy) => policy.spec.as_ref(),
            _ => None,
        })
        .filter(|policy| policy.pod_selector.as_ref().is_none_or(|selector| *selector == Default::default()))
        .filter(|policy| policy.ingress.is_none() && policy.egress.is_none())
        .flat_map(|policy| policy.policy_types.iter().flatten().map(String::as_str))
        .collect();
    if !["Ingress", "Egress"].iter().all(|direction| denied.contains(direction)) {
        let what = "pods without a policy of their own are open";
        problems.push(wrong(namespace, "/metadata/name", what, "nothing may be open by oversight"));
    }
    let hard = inside().find_map(|object| match &object.typed {
        Typed::ResourceQuota(quota) => quota.spec.as_ref()?.hard.as_ref(),
        _ => None,
    });
    // Where some pod has no CPU limit, a quota of limits would refuse it.
    let limited = |pods: Pods<'_>| {
        pods.spec.containers.iter().all(|container| {
            let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
            limits.is_some_and(|limits| limits.contains_key("cpu"))
        })
    };
    let limits_cpu = inside().filter_map(Object::pods).all(limited).then_some("limits.cpu");
    for counted in COUNTED.into_iter().chain(limits_cpu) {
        if hard.is_none_or(|hard| !hard.contains_key(counted)) {
            let what = format!("its quota does not count {counted}");
            problems.push(wrong(namespace, "/metadata/name", what, "whoever may create pods could take all there is"));
        }
    }
    let range = inside().find_map(|object| match &object.typed {
        Typed::LimitRange(range) => range.spec.as_ref()?.limits.iter().find(|item| item.type_ == "Container"),
        _ => None,
    });
    let amounts = |name| {
        range.and_then(|range| match name {
            "default" => range.default.as_ref(),
            "defaultRequest" => range.default_request.as_ref(),
            "min" => range.min.as_ref(),
            _ => range.max.as_ref(),
        })
    };
    for (bound, resource) in BOUNDED {
        let unlimited = resource == "cpu" && limits_cpu.is_none() && ["default", "max"].contains(&bound);
        if !unlimited && amounts(bound).is_none_or(|amounts| !amounts.contains_key(resource)) {
            let what = format!("its limits have no {bound} of {resource}");
            problems.push(wrong(
                namespace,
                "/metadata/name",
                what,
                "a pod that says nothing about it would be refused, or unbounded",
            ));
        }
    }
    problems
}
