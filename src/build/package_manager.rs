//! Every package manager in one row: how it is recognised, installed and run. Detection, templates and docs read it.

use crate::spec::scalar::choice;

choice!(
    PackageManager,
    "a package manager is one of these",
    {
        Cargo = "cargo",
        Go = "go",
        Npm = "npm",
        Pnpm = "pnpm",
        Yarn = "yarn",
        YarnBerry = "yarn-berry",
        Bun = "bun",
        Pip = "pip",
        Uv = "uv",
        Poetry = "poetry",
        Maven = "maven",
        Gradle = "gradle",
        None = "none",
    }
);

/// How a builder stage uses a package manager. Commands are exact words for a `RUN` line.
pub struct Recipe {
    pub manager: PackageManager,
    /// The file that pins versions; empty where there is none.
    pub lock_file: &'static str,
    /// Other files that installing reads, mounted where they exist in the tree.
    pub reads: &'static [&'static str],
    /// Where downloads are kept between builds.
    pub cache: &'static str,
    /// Makes the package manager available; empty where the builder image has it. `VERSION` is replaced.
    pub provide: &'static str,
    /// The version that `provide` installs where the app names none.
    pub version: &'static str,
    /// A variable that installing needs.
    pub environment: &'static str,
    /// Installs everything, from the lock file.
    pub install: &'static str,
    /// The same where there is no lock file.
    pub install_unlocked: &'static str,
    /// Removes what only building needed.
    pub prune: &'static str,
    /// Runs a script of the manifest; its name follows.
    pub run: &'static str,
}

const NOTHING: Recipe = Recipe {
    manager: PackageManager::None,
    lock_file: "",
    reads: &[],
    cache: "",
    provide: "",
    version: "1",
    environment: "",
    install: "",
    install_unlocked: "",
    prune: "",
    run: "",
};

static RECIPES: &[Recipe] = &[
    Recipe { manager: PackageManager::Cargo, lock_file: "Cargo.lock", ..NOTHING },
    Recipe { manager: PackageManager::Go, lock_file: "go.sum", ..NOTHING },
    Recipe {
        manager: PackageManager::Npm,
        lock_file: "package-lock.json",
        reads: &[".npmrc"],
        cache: "/root/.npm",
        install: "npm ci --no-audit --no-fund",
        install_unlocked: "npm install --no-package-lock --no-audit --no-fund",
        prune: "npm prune --omit=dev --no-audit --no-fund",
        run: "npm run",
        ..NOTHING
    },
    Recipe {
        manager: PackageManager::Pnpm,
        lock_file: "pnpm-lock.yaml",
        reads: &[".npmrc", "pnpm-workspace.yaml"],
        cache: "/root/.local/share/pnpm/store",
        provide: "npm install --global pnpm@VERSION",
        version: "10",
        environment: "",
        install: "pnpm install --frozen-lockfile",
        install_unlocked: "pnpm install --no-lockfile",
        prune: "CI=true pnpm prune --prod",
        run: "pnpm run",
    },
    Recipe {
        manager: PackageManager::Yarn,
        lock_file: "yarn.lock",
        reads: &[".npmrc", ".yarnrc"],
        cache: "/usr/local/share/.cache/yarn",
        install: "yarn install --frozen-lockfile --non-interactive",
        install_unlocked: "yarn install --no-lockfile --non-interactive",
        prune: "yarn install --frozen-lockfile --non-interactive --production --ignore-scripts --prefer-offline",
        run: "yarn run",
        ..NOTHING
    },
    Recipe {
        manager: PackageManager::YarnBerry,
        lock_file: "yarn.lock",
        reads: &[".yarnrc.yml", ".npmrc"],
        cache: "/root/.yarn/berry/cache",
        provide: "npm install --global @yarnpkg/cli-dist@VERSION --force",
        version: "4",
        // Yarn would leave packages in its cache, where the running image cannot reach them, and would look for the
        // release that the app may keep in .yarn/.
        environment: "YARN_IGNORE_PATH=1 YARN_NODE_LINKER=node-modules",
        install: "yarn install --immutable",
        install_unlocked: "yarn install --no-immutable",
        prune: "yarn workspaces focus --production",
        run: "yarn run",
    },
    Recipe {
        manager: PackageManager::Bun,
        lock_file: "bun.lock",
        reads: &[".npmrc", "bunfig.toml"],
        cache: "/root/.bun/install/cache",
        provide: "npm install --global bun@VERSION",
        version: "1",
        environment: "",
        install: "bun install --frozen-lockfile",
        install_unlocked: "bun install --no-save",
        prune: "rm -r node_modules && bun install --frozen-lockfile --production",
        run: "bun run",
    },
    Recipe { manager: PackageManager::Pip, lock_file: "requirements.txt", cache: "/root/.cache/pip", ..NOTHING },
    Recipe {
        manager: PackageManager::Uv,
        lock_file: "uv.lock",
        cache: "/root/.cache/uv",
        provide: "pip install 'uv==VERSION.*'",
        version: "0.9",
        environment: "",
        ..NOTHING
    },
    Recipe {
        manager: PackageManager::Poetry,
        lock_file: "poetry.lock",
        cache: "/root/.cache/pypoetry",
        provide: "pip install 'poetry==VERSION.*'",
        version: "2",
        environment: "",
        ..NOTHING
    },
    Recipe { manager: PackageManager::Maven, cache: "/root/.m2", ..NOTHING },
    Recipe { manager: PackageManager::Gradle, cache: "/root/.gradle", ..NOTHING },
    NOTHING,
];

pub fn recipe(manager: PackageManager) -> &'static Recipe {
    RECIPES.iter().find(|row| row.manager == manager).unwrap_or(&NOTHING)
}
