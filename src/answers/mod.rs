//! `Answers`: one layer of choices, every one optional. The file, flags, replies, detection and presets are all this.

pub mod compact;
pub mod file;
pub mod layer;
pub mod raw;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::layer::layered;
use self::raw::{Origin, Raw};
use crate::build::PackageManager;
use crate::kubernetes::KubeVersion;
use crate::spec::image::ImageRef;
use crate::spec::name::{Host, Name, Namespace, ObjectName, OwnNamespace, PortName};
use crate::spec::network::{Cidr, Via};
use crate::spec::number::{ContainerPort, Format, Port, PortChoice, Replicas, Seconds, UserId};
use crate::spec::path::{MountPath, RelPath};
use crate::spec::probe::Probe;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::schedule::{Schedule, TimeZone};
use crate::spec::service::{Ci, Relaxation, Workload};
use crate::spec::word::{EnvValue, PresetId, Sentence, Switch, ToolVersion, Word};

type Given<T> = Option<Raw<T>>;

/// The whole of `cofferdam.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Answers {
    /// The format of this file
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cofferdam: Given<Format>,
    #[serde(flatten)]
    pub project: ProjectAnswers,
    /// The services of this project, by name
    pub services: BTreeMap<String, ServiceAnswers>,
    /// Where each service's name stands.
    #[serde(skip)]
    pub places: BTreeMap<String, Origin>,
}

layered! {
    pub struct ProjectAnswers {
        /// What the services belong to: the `part-of` label
        #[serde(skip_serializing_if = "Option::is_none")]
        pub project: Given<Name>,
        /// The namespace that everything goes into
        #[serde(skip_serializing_if = "Option::is_none")]
        pub namespace: Given<OwnNamespace>,
        /// The oldest cluster that it must run on
        #[serde(skip_serializing_if = "Option::is_none")]
        pub kubernetes: Given<KubeVersion>,
        /// The folder that the manifests go to
        #[serde(skip_serializing_if = "Option::is_none")]
        pub output: Given<RelPath>,
        /// The pipeline to write
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ci: Given<Ci>,
    }
}

layered! {
    pub struct ServiceAnswers {
        /// The app type: brings build, runtime image, user, writable paths, checks and port
        #[serde(skip_serializing_if = "Option::is_none")]
        pub preset: Given<PresetId>,
        /// The app's folder
        #[serde(skip_serializing_if = "Option::is_none")]
        pub path: Given<RelPath>,
        /// What the pods run
        #[serde(skip_serializing_if = "Option::is_none")]
        pub image: Given<ImageRef>,
        /// What kind of work it does
        #[serde(skip_serializing_if = "Option::is_none")]
        pub workload: Given<Workload>,
        /// When a scheduled job runs
        #[serde(skip_serializing_if = "Option::is_none")]
        pub schedule: Given<Schedule>,
        /// The time zone of the schedule
        #[serde(skip_serializing_if = "Option::is_none")]
        pub time_zone: Given<TimeZone>,
        /// The port that the app listens on, or `none`
        #[serde(skip_serializing_if = "Option::is_none")]
        pub port: Given<PortChoice>,
        /// More ports, by name
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub ports: BTreeMap<String, Raw<ContainerPort>>,
        /// How the cluster asks whether the app is ready and alive
        #[serde(skip_serializing_if = "HealthAnswers::is_empty")]
        pub health: HealthAnswers,
        /// The paths that the app writes
        #[serde(skip_serializing_if = "Option::is_none")]
        pub storage: Option<Vec<StorageAnswers>>,
        /// How people outside the cluster reach it
        #[serde(skip_serializing_if = "ExposeAnswers::is_empty")]
        pub expose: ExposeAnswers,
        /// Who may connect to it
        #[serde(skip_serializing_if = "Option::is_none")]
        pub allow_from: Option<Vec<CallerAnswers>>,
        /// What it connects to
        #[serde(skip_serializing_if = "Option::is_none")]
        pub talks_to: Option<Vec<DestinationAnswers>>,
        /// Secrets that exist in the cluster, mounted as files
        #[serde(skip_serializing_if = "Option::is_none")]
        pub secrets: Option<Vec<SecretAnswers>>,
        /// Environment variables; nothing secret
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub env: BTreeMap<String, Raw<EnvValue>>,
        /// Replaces the image's entry point
        #[serde(skip_serializing_if = "Option::is_none")]
        pub command: Option<Vec<Raw<Word>>>,
        /// Arguments of the entry point
        #[serde(skip_serializing_if = "Option::is_none")]
        pub args: Option<Vec<Raw<Word>>>,
        /// The numeric user and group
        #[serde(skip_serializing_if = "Option::is_none")]
        pub user: Given<UserId>,
        /// What a pod needs and may use at most
        #[serde(skip_serializing_if = "ResourceAnswers::is_empty")]
        pub resources: ResourceAnswers,
        /// How many pods
        #[serde(skip_serializing_if = "ReplicaAnswers::is_empty")]
        pub replicas: ReplicaAnswers,
        /// How long a pod may take to stop
        #[serde(skip_serializing_if = "Option::is_none")]
        pub grace_seconds: Given<Seconds>,
        /// A stronger sandbox that the cluster offers, for example gvisor
        #[serde(skip_serializing_if = "Option::is_none")]
        pub runtime_class: Given<ObjectName>,
        /// A PriorityClass of the cluster
        #[serde(skip_serializing_if = "Option::is_none")]
        pub priority_class: Given<ObjectName>,
        /// The only region whose nodes may run it
        #[serde(skip_serializing_if = "Option::is_none")]
        pub region: Given<Word>,
        /// Map the container's users to unprivileged ones of the node
        #[serde(skip_serializing_if = "Option::is_none")]
        pub user_namespace: Given<Switch>,
        /// The Secret that holds the registry's credentials
        #[serde(skip_serializing_if = "Option::is_none")]
        pub pull_secret: Given<ObjectName>,
        /// What the Dockerfile is made from
        #[serde(skip_serializing_if = "BuildAnswers::is_empty")]
        pub build: BuildAnswers,
        /// Rules that this service cannot keep, each with a reason
        #[serde(skip_serializing_if = "Option::is_none")]
        pub exceptions: Option<Vec<ExceptionAnswers>>,
    }
}

layered! {
    pub struct HealthAnswers {
        /// Whether it can take requests
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ready: Given<Probe>,
        /// Whether it must be restarted
        #[serde(skip_serializing_if = "Option::is_none")]
        pub live: Given<Probe>,
        /// How long it may take to start
        #[serde(skip_serializing_if = "Option::is_none")]
        pub startup_seconds: Given<Seconds>,
    }
}

layered! {
    pub struct ExposeAnswers {
        /// The DNS name
        #[serde(skip_serializing_if = "Option::is_none")]
        pub host: Given<Host>,
        /// What routes to it
        #[serde(skip_serializing_if = "Option::is_none")]
        pub via: Given<Via>,
        /// The namespace that the gateway's or the ingress controller's pods run in
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from_namespace: Given<Namespace>,
        /// The Gateway's name, or the ingress class
        #[serde(skip_serializing_if = "Option::is_none")]
        pub through: Given<ObjectName>,
        /// The Secret with the certificate (Ingress only; a Gateway holds its own)
        #[serde(skip_serializing_if = "Option::is_none")]
        pub tls_secret: Given<ObjectName>,
    }
}

layered! {
    pub struct ResourceAnswers {
        /// CPU that is reserved
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cpu: Given<Cpu>,
        /// CPU that it may use at most
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cpu_limit: Given<Cpu>,
        /// Memory, reserved and at most
        #[serde(skip_serializing_if = "Option::is_none")]
        pub memory: Given<Bytes>,
        /// The node's disk, reserved and at most
        #[serde(skip_serializing_if = "Option::is_none")]
        pub disk: Given<Bytes>,
    }
}

layered! {
    pub struct ReplicaAnswers {
        /// Never fewer pods
        #[serde(skip_serializing_if = "Option::is_none")]
        pub min: Given<Replicas>,
        /// Never more pods; above `min` their number follows the load
        #[serde(skip_serializing_if = "Option::is_none")]
        pub max: Given<Replicas>,
    }
}

layered! {
    pub struct BuildAnswers {
        /// The Dockerfile's name in the app's folder
        #[serde(skip_serializing_if = "Option::is_none")]
        pub dockerfile: Given<Word>,
        /// The version of the language or toolchain
        #[serde(skip_serializing_if = "Option::is_none")]
        pub tool: Given<ToolVersion>,
        /// What installs the dependencies
        #[serde(skip_serializing_if = "Option::is_none")]
        pub package_manager: Given<PackageManager>,
        /// Its version, where the builder image lacks it
        #[serde(skip_serializing_if = "Option::is_none")]
        pub package_manager_version: Given<ToolVersion>,
        /// Whether a lock file pins the dependencies
        #[serde(skip_serializing_if = "Option::is_none")]
        pub locked: Given<Switch>,
        /// What the container starts: a file, a module, a binary target
        #[serde(skip_serializing_if = "Option::is_none")]
        pub entry: Given<Word>,
        /// The workspace member or module folder
        #[serde(skip_serializing_if = "Option::is_none")]
        pub package: Given<Word>,
        /// The script or task that builds
        #[serde(skip_serializing_if = "Option::is_none")]
        pub script: Given<Word>,
        /// The folder that holds the result
        #[serde(skip_serializing_if = "Option::is_none")]
        pub output: Given<Word>,
        /// Folders that the program reads while it runs
        #[serde(skip_serializing_if = "Option::is_none")]
        pub include: Option<Vec<Raw<RelPath>>>,
        /// Packages to install beside the locked ones, with their versions
        #[serde(skip_serializing_if = "Option::is_none")]
        pub install: Option<Vec<Raw<Word>>>,
        /// Whether it links C code
        #[serde(skip_serializing_if = "Option::is_none")]
        pub native: Given<Switch>,
    }
}

layered! {
    pub struct StorageAnswers {
        /// Where it is mounted
        #[serde(skip_serializing_if = "Option::is_none")]
        pub path: Given<MountPath>,
        /// How much fits
        #[serde(skip_serializing_if = "Option::is_none")]
        pub size: Given<Bytes>,
        /// Whether it outlives the pod
        #[serde(skip_serializing_if = "Option::is_none")]
        pub keep: Given<Switch>,
        /// Whether it lives in memory
        #[serde(skip_serializing_if = "Option::is_none")]
        pub memory: Given<Switch>,
        /// The StorageClass, where the default one is not right
        #[serde(skip_serializing_if = "Option::is_none")]
        pub class: Given<ObjectName>,
    }
}

layered! {
    pub struct CallerAnswers {
        /// A service of this project
        #[serde(skip_serializing_if = "Option::is_none")]
        pub service: Given<Name>,
        /// All pods of a namespace
        #[serde(skip_serializing_if = "Option::is_none")]
        pub namespace: Given<Namespace>,
        /// Addresses outside the cluster
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cidr: Given<Cidr>,
        /// The name of our port, where it is not the main one
        #[serde(skip_serializing_if = "Option::is_none")]
        pub port: Given<PortName>,
    }
}

layered! {
    pub struct DestinationAnswers {
        /// A service of this project
        #[serde(skip_serializing_if = "Option::is_none")]
        pub service: Given<Name>,
        /// Pods of another namespace
        #[serde(skip_serializing_if = "Option::is_none")]
        pub namespace: Given<Namespace>,
        /// Addresses
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cidr: Given<Cidr>,
        /// A host on the internet
        #[serde(skip_serializing_if = "Option::is_none")]
        pub host: Given<Host>,
        /// The internet, but neither private addresses nor cloud metadata
        #[serde(skip_serializing_if = "Option::is_none")]
        pub internet: Given<Switch>,
        /// Their port
        #[serde(skip_serializing_if = "Option::is_none")]
        pub port: Given<Port>,
    }
}

layered! {
    pub struct SecretAnswers {
        /// The Secret's name
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Given<ObjectName>,
        /// The folder that its keys appear in as files
        #[serde(skip_serializing_if = "Option::is_none")]
        pub mount: Given<MountPath>,
    }
}

layered! {
    pub struct ExceptionAnswers {
        /// The rule's id
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rule: Given<Relaxation>,
        /// Why it cannot be kept
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Given<Sentence>,
    }
}
