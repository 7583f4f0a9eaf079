//! What a rule sees, and how it says where something is wrong.

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, Lifecycle, Probe, ResourceRequirements, SecurityContext,
};

use super::{Finding, Rule, exception_key};
use crate::dockerfile::Dockerfile;
use crate::kubernetes::KubeVersion;
use crate::manifest::{Object, Pods};
use crate::problem::Place;

/// Everything that belongs together: the rules look across files.
pub struct Subject<'a> {
    pub objects: &'a [Object],
    pub dockerfiles: &'a [Dockerfile],
    pub kubernetes: KubeVersion,
}

pub struct Violation<'a> {
    at: Site<'a>,
    message: String,
}

enum Site<'a> {
    Object(&'a Object, String),
    Dockerfile(&'a Dockerfile, usize),
}

impl<'a> Violation<'a> {
    pub(super) fn object(object: &'a Object, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: Site::Object(object, pointer.into()), message: message.into() }
    }

    pub(super) fn dockerfile(file: &'a Dockerfile, line: usize, message: impl Into<String>) -> Self {
        Self { at: Site::Dockerfile(file, line), message: message.into() }
    }

    pub(super) fn excepted(&self, rule: &str) -> bool {
        match &self.at {
            Site::Object(object, _) => {
                object.annotation(&exception_key(rule)).is_some_and(|reason| !reason.trim().is_empty())
            }
            Site::Dockerfile(..) => false,
        }
    }

    pub(super) fn into_finding(self, rule: &'static Rule) -> Finding {
        match self.at {
            Site::Object(object, pointer) => {
                Finding { rule, subject: object.title(), place: object.place(&pointer), message: self.message, pointer }
            }
            Site::Dockerfile(file, line) => Finding {
                rule,
                subject: file.path.clone(),
                place: Place::File { path: file.path.clone(), line, column: 1 },
                message: self.message,
                pointer: String::new(),
            },
        }
    }
}

/// How long a container runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// All the time.
    Main,
    /// Before the others, to its end.
    Init,
    /// Added by a person to look around.
    Ephemeral,
}

/// A container of any role, with the pod that it is in.
pub(super) struct ContainerSite<'a> {
    pub(super) pods: Pods<'a>,
    pub(super) role: Role,
    pub(super) name: &'a str,
    pub(super) image: Option<&'a str>,
    pub(super) pull_policy: Option<&'a str>,
    pub(super) security: Option<&'a SecurityContext>,
    pub(super) resources: Option<&'a ResourceRequirements>,
    pub(super) env: &'a [EnvVar],
    pub(super) ports: &'a [ContainerPort],
    pub(super) lifecycle: Option<&'a Lifecycle>,
    pub(super) readiness: Option<&'a Probe>,
    pub(super) liveness: Option<&'a Probe>,
    pub(super) startup: Option<&'a Probe>,
    pointer: String,
}

impl<'a> ContainerSite<'a> {
    /// A violation at a field of this container.
    pub(super) fn violation(&self, field: &str, message: impl Into<String>) -> Violation<'a> {
        Violation::object(self.pods.object, format!("{}/{field}", self.pointer), message)
    }

    /// A request or limit, if it is set.
    pub(super) fn amount(&self, limits: bool, name: &str) -> Option<&'a str> {
        let resources = self.resources?;
        let amounts = if limits { resources.limits.as_ref()? } else { resources.requests.as_ref()? };
        amounts.get(name).map(|quantity| quantity.0.as_str())
    }

    /// Whether the kernel of the node is not Linux, where these controls do not exist.
    pub(super) fn is_windows(&self) -> bool {
        is_windows(&self.pods)
    }
}

pub(super) fn is_windows(pods: &Pods<'_>) -> bool {
    pods.spec.os.as_ref().is_some_and(|os| os.name == "windows")
}

impl<'a> Subject<'a> {
    pub(super) fn pods(&self) -> impl Iterator<Item = Pods<'a>> + use<'a> {
        self.objects.iter().filter_map(Object::pods)
    }

    /// Every container of every pod, whatever its role.
    pub(super) fn containers(&self) -> impl Iterator<Item = ContainerSite<'a>> + use<'a> {
        self.pods().flat_map(containers)
    }
}

pub(super) fn containers(pods: Pods<'_>) -> Vec<ContainerSite<'_>> {
    let spec = pods.spec;
    let main = spec
        .containers
        .iter()
        .enumerate()
        .map(|(index, container)| site(pods, Role::Main, "containers", index, container));
    let init = spec
        .init_containers
        .iter()
        .flatten()
        .enumerate()
        .map(|(index, container)| site(pods, Role::Init, "initContainers", index, container));
    let ephemeral = spec.ephemeral_containers.iter().flatten().enumerate().map(|(index, container)| ContainerSite {
        pods,
        role: Role::Ephemeral,
        name: &container.name,
        image: container.image.as_deref(),
        pull_policy: container.image_pull_policy.as_deref(),
        security: container.security_context.as_ref(),
        resources: container.resources.as_ref(),
        env: container.env.as_deref().unwrap_or_default(),
        ports: container.ports.as_deref().unwrap_or_default(),
        lifecycle: container.lifecycle.as_ref(),
        readiness: container.readiness_probe.as_ref(),
        liveness: container.liveness_probe.as_ref(),
        startup: container.startup_probe.as_ref(),
        pointer: format!("{}/ephemeralContainers/{index}", pods.pointer),
    });
    main.chain(init).chain(ephemeral).collect()
}

fn site<'a>(pods: Pods<'a>, role: Role, list: &str, index: usize, container: &'a Container) -> ContainerSite<'a> {
    ContainerSite {
        pods,
        role,
        name: &container.name,
        image: container.image.as_deref(),
        pull_policy: container.image_pull_policy.as_deref(),
        security: container.security_context.as_ref(),
        resources: container.resources.as_ref(),
        env: container.env.as_deref().unwrap_or_default(),
        ports: container.ports.as_deref().unwrap_or_default(),
        lifecycle: container.lifecycle.as_ref(),
        readiness: container.readiness_probe.as_ref(),
        liveness: container.liveness_probe.as_ref(),
        startup: container.startup_probe.as_ref(),
        pointer: format!("{}/{list}/{index}", pods.pointer),
    }
}
