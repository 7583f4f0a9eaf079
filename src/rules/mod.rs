//! The hardening rules: those we generate by are those we audit by. One file and one `static` each, all listed here.

mod context;

mod added_capabilities;
mod app_armor_override;
mod cached_image;
mod default_service_account;
mod host_namespaces;
mod host_path_volume;
mod host_port;
mod host_probe;
mod identical_probes;
mod latest_base_image;
mod latest_image_tag;
mod missing_cpu_limit;
mod missing_cpu_request;
mod missing_disk_limit;
mod missing_liveness_probe;
mod missing_memory_limit;
mod missing_network_policy;
mod missing_readiness_probe;
mod missing_seccomp_profile;
mod privilege_escalation;
mod privileged_container;
mod root_image_user;
mod root_user;
mod run_as_root;
mod secret_in_environment;
mod selinux_override;
mod service_account_token;
mod shell_form_entrypoint;
mod unbounded_scratch_volume;
mod unconfined_seccomp;
mod undropped_capabilities;
mod unmasked_proc;
mod unrestricted_namespace;
mod unsafe_sysctls;
mod unusual_volume_type;
mod windows_host_process;
mod writable_root_filesystem;

use std::fmt;

pub use self::context::Subject;
use self::context::Violation;
use crate::problem::Place;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &added_capabilities::RULE,
    &app_armor_override::RULE,
    &cached_image::RULE,
    &default_service_account::RULE,
    &host_namespaces::RULE,
    &host_path_volume::RULE,
    &host_port::RULE,
    &host_probe::RULE,
    &identical_probes::RULE,
    &latest_base_image::RULE,
    &latest_image_tag::RULE,
    &missing_cpu_limit::RULE,
    &missing_cpu_request::RULE,
    &missing_disk_limit::RULE,
    &missing_liveness_probe::RULE,
    &missing_memory_limit::RULE,
    &missing_network_policy::RULE,
    &missing_readiness_probe::RULE,
    &missing_seccomp_profile::RULE,
    &privilege_escalation::RULE,
    &privileged_container::RULE,
    &root_image_user::RULE,
    &root_user::RULE,
    &run_as_root::RULE,
    &secret_in_environment::RULE,
    &selinux_override::RULE,
    &service_account_token::RULE,
    &shell_form_entrypoint::RULE,
    &unbounded_scratch_volume::RULE,
    &unconfined_seccomp::RULE,
    &undropped_capabilities::RULE,
    &unmasked_proc::RULE,
    &unrestricted_namespace::RULE,
    &unsafe_sysctls::RULE,
    &unusual_volume_type::RULE,
    &windows_host_process::RULE,
    &writable_root_filesystem::RULE,
];

/// One rule. A value, not a trait: a rule without a reason does not compile.
pub struct Rule {
    /// Chosen once, never reused: people write it into their ignore lists. Reads well after "allow".
    pub id: &'static str,
    pub severity: Severity,
    /// The version of cofferdam that has it first.
    pub since: &'static str,
    /// What is found, in one line.
    pub summary: &'static str,
    /// What goes wrong without it.
    pub why: &'static str,
    /// The line that is right.
    pub remedy: &'static str,
    pub standards: &'static [Standard],
    /// The fields that it looks at, by the end of their path: so that a line can be explained.
    pub fields: &'static [&'static str],
    pub check: for<'a> fn(&Subject<'a>) -> Vec<Violation<'a>>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standard {
    /// A level of <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.
    PodSecurity(Level),
    /// A section of the CIS Kubernetes Benchmark 1.12.
    Cis(&'static str),
    /// The NSA/CISA Kubernetes Hardening Guide 1.2.
    Nsa,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    Baseline,
    Restricted,
}

/// A rule that something breaks, with the place.
pub struct Finding {
    pub rule: &'static Rule,
    /// `Deployment checkout`, or the Dockerfile's path.
    pub subject: String,
    pub place: Place,
    pub message: String,
    /// JSON pointer of the field, where the place is an object.
    pub pointer: String,
}

impl Finding {
    pub fn line(&self) -> usize {
        match self.place {
            Place::File { line, .. } => line,
            _ => 1,
        }
    }

    pub fn path(&self) -> &str {
        match &self.place {
            Place::File { path, .. } | Place::Path(path) => path,
            Place::Flag(_) | Place::Preset(_) => "",
        }
    }
}

/// The annotation that takes one object out of one rule; its value is the reason.
pub fn exception_key(rule: &str) -> String {
    format!("cofferdam/except.{rule}")
}

/// Everything that breaks a rule and has no exception, in the order of the files.
pub fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = ALL
        .iter()
        .flat_map(|rule| {
            (rule.check)(subject)
                .into_iter()
                .filter(|violation| !violation.excepted(rule.id))
                .map(|violation| violation.into_finding(rule))
        })
        .collect();
    findings.sort_by(|a, b| (&a.place, a.rule.id).cmp(&(&b.place, b.rule.id)));
    findings
}

pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PodSecurity(Level::Baseline) => f.write_str("Pod Security Standards, baseline"),
            Self::PodSecurity(Level::Restricted) => f.write_str("Pod Security Standards, restricted"),
            Self::Cis(section) => write!(f, "CIS Kubernetes Benchmark {section}"),
            Self::Nsa => f.write_str("NSA/CISA Kubernetes Hardening Guide"),
        }
    }
}
