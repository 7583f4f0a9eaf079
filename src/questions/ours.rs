//! Our questions, one row each in the order of asking: one table, which is why the file is long.

use super::fields::{show, show_list, show_map, take, take_map};
use super::{Category, Field, Kind, Own, Question};
use crate::answers::compact;
use crate::answers::draft::Draft;
use crate::answers::raw::{Origin, Raw};
use crate::build::PackageManager;
use crate::kubernetes::KubeVersion;
use crate::preset::Preset;
use crate::resolve::defaults;
use crate::spec::network::Via;
use crate::spec::scalar::Scalar as _;
use crate::spec::service::{Ci, Workload};
use crate::spec::word::Switch;

fn of<T>(raw: &Option<Raw<T>>) -> Origin {
    raw.as_ref().map(|raw| raw.origin.clone()).unwrap_or_default()
}

fn always(_: &Draft, _: Option<&Preset>) -> bool {
    true
}

fn has_port(draft: &Draft, _: Option<&Preset>) -> bool {
    draft.service.port.as_ref().is_none_or(|raw| raw.text != "none") && !is_job(draft)
}

fn is_job(draft: &Draft) -> bool {
    let workload = draft.service.workload.as_ref().map(|raw| raw.text.as_str());
    matches!(workload, Some("scheduled" | "once")) || draft.service.schedule.is_some()
}

fn is_exposed(draft: &Draft, _: Option<&Preset>) -> bool {
    draft.service.expose.host.is_some()
}

fn is_built(_: &Draft, preset: Option<&Preset>) -> bool {
    preset.is_none_or(|preset| preset.dockerfile.is_some())
}

/// A row whose value is one scalar of the draft.
macro_rules! scalar {
    ($key:literal, $flag:literal, $category:ident, $($field:ident).+, $prompt:literal, $help:literal, $kind:expr, $default:expr, $applies:expr) => {
        Question {
            key: $key, flag: $flag, category: Category::$category, prompt: $prompt, help: $help, kind: $kind,
            default: $default, unknowable: "only you can know it",
            field: Field::Own(Own {
                get: |draft| show(draft.$($field).+.as_ref()),
                set: |draft, text, origin| take(&mut draft.$($field).+, text, origin),
                clear: |draft| draft.$($field).+ = None,
            }),
            applies: $applies,
            only_if_unknown: false,
        }
    };
}

/// A row whose value is a list in one-word form.
macro_rules! list {
    ($key:literal, $flag:literal, $category:ident, $field:ident, $origin:expr, $prompt:literal, $help:literal, $default:expr, $applies:expr) => {
        Question {
            key: $key,
            flag: $flag,
            category: Category::$category,
            prompt: $prompt,
            help: $help,
            kind: Kind::Text,
            default: $default,
            unknowable: "only you can know it",
            field: Field::Own(Own {
                get: |draft| show_list(draft.service.$field.as_ref(), $origin),
                set: |draft, text, origin| {
                    draft.service.$field = Some(compact::list(text, origin)?);
                    Ok(())
                },
                clear: |draft| draft.service.$field = None,
            }),
            applies: $applies,
            only_if_unknown: false,
        }
    };
}

/// Every key has one row.
pub static QUESTIONS: &[Question<'static>] = &[
    Question {
        unknowable: "no manifest that cofferdam knows is in this folder",
        ..scalar!(
            "preset",
            "preset",
            Basics,
            service.preset,
            "What kind of app is it?",
            "brings build, runtime image, writable paths and checks; `image` fits any app whose image exists: `rust`",
            Kind::Preset,
            None,
            always
        )
    },
    scalar!(
        "name",
        "name",
        Basics,
        name,
        "What is the service called?",
        "names every object of it; lower-case letters, digits and `-`: `checkout`",
        Kind::Text,
        None,
        always
    ),
    Question {
        unknowable: "an image that exists already cannot be guessed",
        ..scalar!(
            "image",
            "image",
            Basics,
            service.image,
            "Which image do its pods run?",
            "registry, path and a fixed tag; the Dockerfile builds it: `ghcr.io/acme/checkout:1.4.2`",
            Kind::Text,
            None,
            always
        )
    },
    Question {
        unknowable: "nothing in the source says what starts it",
        only_if_unknown: true,
        ..scalar!(
            "build.entry",
            "entry",
            Basics,
            service.build.entry,
            "What does the container start?",
            "a binary target, a package folder, a file or a module: `dist/main.js`",
            Kind::Text,
            None,
            is_built
        )
    },
    scalar!(
        "port",
        "port",
        Basics,
        service.port,
        "Which port does it listen on?",
        "1024 or higher, or `none` where nothing connects to it: `8080`",
        Kind::Text,
        Some("8080"),
        |draft, _| !is_job(draft)
    ),
    scalar!(
        "health.ready",
        "ready",
        Basics,
        service.health.ready,
        "How does it say that it is ready?",
        "an HTTP path; `tcp` only asks whether the port is open; `grpc`; or a command, `exec:/app/check`: `/readyz`",
        Kind::Text,
        Some("tcp"),
        has_port
    ),
    list!(
        "storage",
        "storage",
        Basics,
        storage,
        |entry| of(&entry.path),
        "Which paths does it write?",
        "all else is read-only; `:keep` behind a size outlives the pod: `/tmp=64Mi,/data=10Gi:keep`",
        Some("/tmp=64Mi"),
        always
    ),
    Question {
        field: Field::Own(Own {
            get: |draft| show(draft.service.expose.host.as_ref()),
            set: |draft, text, origin| {
                if text == "none" {
                    draft.service.expose.host = None;
                    draft.service.expose.via = Some(Raw::new("none", origin.clone()));
                    return Ok(());
                }
                if draft.service.expose.via.as_ref().is_some_and(|raw| raw.text == "none") {
                    draft.service.expose.via = None;
                }
                take(&mut draft.service.expose.host, text, origin)
            },
            clear: |draft| draft.service.expose.host = None,
        }),
        ..scalar!(
            "expose.host",
            "host",
            Basics,
            service.expose.host,
            "Under which host do people outside the cluster reach it?",
            "`none` keeps it inside: `checkout.example.com`",
            Kind::Text,
            Some("none"),
            has_port
        )
    },
    list!(
        "talks-to",
        "talks-to",
        Basics,
        talks_to,
        |entry| of(&entry.port),
        "What does it connect to?",
        "DNS always works, all else is denied; also `internet:PORT`, `cidr:BLOCK:PORT`, `namespace:NAME:PORT`: `service:payments,api.stripe.com:443`",
        Some("none"),
        always
    ),
    scalar!(
        "workload",
        "workload",
        Work,
        service.workload,
        "What kind of work does it do?",
        "`service` answers requests, `worker` runs all the time, `scheduled` at set times, `once` at each rollout: `worker`",
        Kind::Choice(Workload::CHOICES),
        Some("service"),
        always
    ),
    scalar!(
        "schedule",
        "schedule",
        Work,
        service.schedule,
        "When does it run?",
        "five fields of cron: `17 3 * * *`",
        Kind::Text,
        Some(defaults::SCHEDULE),
        |draft, _| is_job(draft)
    ),
    scalar!(
        "time-zone",
        "time-zone",
        Work,
        service.time_zone,
        "In which time zone?",
        "a name of the IANA database: `Europe/Berlin`",
        Kind::Text,
        Some(defaults::TIME_ZONE),
        |draft, _| is_job(draft)
    ),
    scalar!(
        "health.live",
        "live",
        Work,
        service.health.live,
        "How does it say that it must be restarted?",
        "must not ask the same as readiness: `/livez`",
        Kind::Text,
        Some("tcp"),
        has_port
    ),
    scalar!(
        "health.startup-seconds",
        "startup-seconds",
        Work,
        service.health.startup_seconds,
        "How long may it take to start?",
        "in seconds; until then no check fails it: `60`",
        Kind::Text,
        Some(defaults::STARTUP),
        has_port
    ),
    scalar!(
        "grace-seconds",
        "grace-seconds",
        Work,
        service.grace_seconds,
        "How long may it take to stop?",
        "in seconds, from SIGTERM on: `30`",
        Kind::Text,
        Some(defaults::GRACE),
        always
    ),
    list!(
        "allow-from",
        "allow-from",
        Network,
        allow_from,
        |entry| of(&entry.service),
        "Who inside the cluster may connect to it?",
        "`service:NAME`, `namespace:NAME`, `cidr:BLOCK`, with `:PORT-NAME` where it is not the main port; by default its own namespace: `service:web,namespace:monitoring:metrics`",
        None,
        has_port
    ),
    scalar!(
        "expose.via",
        "via",
        Network,
        service.expose.via,
        "What routes to it?",
        "`gateway` is what replaces `ingress`: `gateway`",
        Kind::Choice(Via::CHOICES),
        Some("gateway"),
        is_exposed
    ),
    scalar!(
        "expose.from-namespace",
        "from-namespace",
        Network,
        service.expose.from_namespace,
        "In which namespace do the gateway's or the ingress controller's pods run?",
        "their connections must be let in: `gateway-system`",
        Kind::Text,
        Some(defaults::GATEWAY_NAMESPACE),
        is_exposed
    ),
    scalar!(
        "expose.through",
        "through",
        Network,
        service.expose.through,
        "What is the Gateway, or the ingress class, called?",
        "as it is named in the cluster: `public`",
        Kind::Text,
        Some(defaults::GATEWAY),
        is_exposed
    ),
    scalar!(
        "expose.tls-secret",
        "tls-secret",
        Network,
        service.expose.tls_secret,
        "Which Secret holds the certificate?",
        "for an Ingress; a Gateway holds its own: `checkout-tls`",
        Kind::Text,
        None,
        is_exposed
    ),
    Question {
        key: "ports",
        flag: "ports",
        category: Category::Network,
        prompt: "Does it listen on more ports?",
        help: "by name: `metrics=9090`",
        kind: Kind::Text,
        default: Some("none"),
        unknowable: "",
        field: Field::Own(Own {
            get: |draft| show_map(&draft.service.ports),
            set: |draft, text, origin| take_map(&mut draft.service.ports, text, origin),
            clear: |draft| draft.service.ports.clear(),
        }),
        applies: has_port,
        only_if_unknown: false,
    },
    scalar!(
        "resources.cpu",
        "cpu",
        Resources,
        service.resources.cpu,
        "How much CPU does a pod need?",
        "in cores or thousandths; reserved for it: `250m`",
        Kind::Text,
        Some(defaults::CPU),
        always
    ),
    scalar!(
        "resources.cpu-limit",
        "cpu-limit",
        Resources,
        service.resources.cpu_limit,
        "How much CPU may it use at most?",
        "more than it needs, for starting and for bursts: `1`",
        Kind::Text,
        Some(defaults::CPU_LIMIT),
        always
    ),
    scalar!(
        "resources.memory",
        "memory",
        Resources,
        service.resources.memory,
        "How much memory?",
        "reserved, and the limit: `256Mi`",
        Kind::Text,
        Some(defaults::MEMORY),
        always
    ),
    scalar!(
        "resources.disk",
        "disk",
        Resources,
        service.resources.disk,
        "How much of the node's disk?",
        "scratch storage and logs; by default reckoned from the storage: `1Gi`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "replicas.min",
        "replicas",
        Resources,
        service.replicas.min,
        "How many pods at least?",
        "two survive a drained node: `2`",
        Kind::Text,
        Some(defaults::REPLICAS),
        |draft, _| !is_job(draft)
    ),
    scalar!(
        "replicas.max",
        "max-replicas",
        Resources,
        service.replicas.max,
        "How many pods at most?",
        "more than at least: their number follows the load: `6`",
        Kind::Text,
        Some(defaults::REPLICAS),
        |draft, _| !is_job(draft)
    ),
    Question {
        key: "env",
        flag: "env",
        category: Category::Runtime,
        prompt: "Which environment variables does it need?",
        help: "nothing secret; joined by commas: `LOG_LEVEL=info,REGION=eu`",
        kind: Kind::Text,
        default: Some("none"),
        unknowable: "",
        field: Field::Own(Own {
            get: |draft| show_map(&draft.service.env),
            set: |draft, text, origin| take_map(&mut draft.service.env, text, origin),
            clear: |draft| draft.service.env.clear(),
        }),
        applies: always,
        only_if_unknown: false,
    },
    list!(
        "secrets",
        "secret",
        Runtime,
        secrets,
        |entry| of(&entry.name),
        "Which Secrets does it read?",
        "they exist in the cluster and appear as files: `checkout-db=/run/secrets/db`",
        Some("none"),
        always
    ),
    scalar!(
        "user",
        "user",
        Runtime,
        service.user,
        "As which user does it run?",
        "a number, never 0: `65532`",
        Kind::Text,
        Some(defaults::USER),
        always
    ),
    list!(
        "command",
        "command",
        Runtime,
        command,
        |raw: &Raw<_>| raw.origin.clone(),
        "Which command replaces the image's entry point?",
        "words joined by commas: `/usr/local/bin/server`",
        None,
        always
    ),
    list!(
        "args",
        "args",
        Runtime,
        args,
        |raw: &Raw<_>| raw.origin.clone(),
        "Which arguments does it get?",
        "words joined by commas: `--config,/etc/app.yaml`",
        None,
        always
    ),
    scalar!(
        "pull-secret",
        "pull-secret",
        Runtime,
        service.pull_secret,
        "Which Secret holds the registry's credentials?",
        "a Secret of type kubernetes.io/dockerconfigjson: `registry-credentials`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "build.tool",
        "tool",
        Build,
        service.build.tool,
        "Which version of the language builds it?",
        "as the image's tag says it: `1.27`",
        Kind::Text,
        None,
        is_built
    ),
    scalar!(
        "build.package-manager",
        "package-manager",
        Build,
        service.build.package_manager,
        "What installs its dependencies?",
        "read from the lock file: `pnpm`",
        Kind::Choice(PackageManager::CHOICES),
        None,
        is_built
    ),
    scalar!(
        "build.package-manager-version",
        "package-manager-version",
        Build,
        service.build.package_manager_version,
        "Which version of it?",
        "where the builder image lacks it: `9.15.4`",
        Kind::Text,
        None,
        is_built
    ),
    scalar!(
        "build.locked",
        "locked",
        Build,
        service.build.locked,
        "Does a lock file pin the dependencies?",
        "without one each build may differ: `true`",
        Kind::Choice(Switch::CHOICES),
        Some("true"),
        is_built
    ),
    scalar!(
        "build.package",
        "package",
        Build,
        service.build.package,
        "Which member of the workspace?",
        "by its name or folder: `checkout`",
        Kind::Text,
        None,
        is_built
    ),
    scalar!(
        "build.script",
        "script",
        Build,
        service.build.script,
        "Which script builds it?",
        "`none` where nothing is built: `build`",
        Kind::Text,
        None,
        is_built
    ),
    scalar!(
        "build.output",
        "build-output",
        Build,
        service.build.output,
        "Which folder holds the built site?",
        "below the app: `dist`",
        Kind::Text,
        None,
        is_built
    ),
    Question {
        key: "build.include",
        flag: "include",
        category: Category::Build,
        prompt: "Which folders does the program read while it runs?",
        help: "copied beside it: `templates,static`",
        kind: Kind::Text,
        default: Some("none"),
        unknowable: "",
        field: Field::Own(Own {
            get: |draft| show_list(draft.service.build.include.as_ref(), |raw| raw.origin.clone()),
            set: |draft, text, origin| {
                draft.service.build.include = Some(compact::list(text, origin)?);
                Ok(())
            },
            clear: |draft| draft.service.build.include = None,
        }),
        applies: is_built,
        only_if_unknown: false,
    },
    Question {
        key: "build.install",
        flag: "install",
        category: Category::Build,
        prompt: "Which packages are installed beside the locked ones?",
        help: "with their versions: `gunicorn==23.0.0`",
        kind: Kind::Text,
        default: Some("none"),
        unknowable: "",
        field: Field::Own(Own {
            get: |draft| show_list(draft.service.build.install.as_ref(), |raw| raw.origin.clone()),
            set: |draft, text, origin| {
                draft.service.build.install = Some(compact::list(text, origin)?);
                Ok(())
            },
            clear: |draft| draft.service.build.install = None,
        }),
        applies: is_built,
        only_if_unknown: false,
    },
    scalar!(
        "build.native",
        "native",
        Build,
        service.build.native,
        "Does it link C code?",
        "a Go program with cgo: `false`",
        Kind::Choice(Switch::CHOICES),
        Some("false"),
        is_built
    ),
    scalar!(
        "build.source-first",
        "source-first",
        Build,
        service.build.source_first,
        "Does installing the dependencies need the source?",
        "it runs the app's scripts, or reads its folders: `false`",
        Kind::Choice(Switch::CHOICES),
        Some("false"),
        is_built
    ),
    scalar!(
        "build.dockerfile",
        "dockerfile",
        Build,
        service.build.dockerfile,
        "What is the Dockerfile called?",
        "in the app's folder: `Dockerfile`",
        Kind::Text,
        Some("Dockerfile"),
        is_built
    ),
    scalar!(
        "runtime-class",
        "runtime-class",
        Isolation,
        service.runtime_class,
        "Does it need a stronger sandbox?",
        "a RuntimeClass of the cluster: `gvisor`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "user-namespace",
        "user-namespace",
        Isolation,
        service.user_namespace,
        "Map its users to unprivileged ones of the node?",
        "from Kubernetes 1.36 on, with Linux 6.3 and containerd 2 on the nodes: `true`",
        Kind::Choice(Switch::CHOICES),
        Some("false"),
        always
    ),
    scalar!(
        "region",
        "region",
        Isolation,
        service.region,
        "Must it stay in one region?",
        "the nodes' topology.kubernetes.io/region: `eu-central-1`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "priority-class",
        "priority-class",
        Isolation,
        service.priority_class,
        "Does it have a priority class?",
        "a PriorityClass of the cluster: `batch-low`",
        Kind::Text,
        None,
        always
    ),
    list!(
        "exceptions",
        "exception",
        Isolation,
        exceptions,
        |entry| of(&entry.rule),
        "Which rules can it not keep?",
        "with a reason, which shows in the manifest: `writable-root-filesystem=the vendor's agent writes beside itself`",
        Some("none"),
        always
    ),
    scalar!(
        "project",
        "project",
        Project,
        project.project,
        "What does the service belong to?",
        "names the project, for all its services: `shop`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "namespace",
        "namespace",
        Project,
        project.namespace,
        "Into which namespace does it go?",
        "it is created, with guardrails: `shop`",
        Kind::Text,
        None,
        always
    ),
    scalar!(
        "kubernetes",
        "kubernetes",
        Project,
        project.kubernetes,
        "Which is the oldest Kubernetes that it must run on?",
        "newer ones allow more: `1.35`",
        Kind::Choice(KubeVersion::CHOICES),
        Some(KubeVersion::DEFAULT.as_str()),
        always
    ),
    scalar!(
        "output",
        "output",
        Project,
        project.output,
        "Into which folder do the manifests go?",
        "below the project: `deploy`",
        Kind::Text,
        Some(defaults::OUTPUT),
        always
    ),
    scalar!(
        "ci",
        "ci",
        Project,
        project.ci,
        "Which pipeline shall be written?",
        "build, scan and check: `github`",
        Kind::Choice(Ci::CHOICES),
        Some("none"),
        always
    ),
];
