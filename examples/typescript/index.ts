// One wiki on microk8s.
import { MediaWikiStack } from "@mediawiki-stack/mediawiki";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const microk8s = new kubernetes.Provider("microk8s", { kubeconfig: "~/.kube/config", context: "microk8s" });

const team = new MediaWikiStack("team", {
    namespace: "team-wiki",
    createNamespace: true,
    masterSecret: config.requireSecret("masterSecret"),
    profile: "pi-4g",
    nodeHost: "raspberrypi.local",
    wiki: { siteName: "Team wiki" },
}, { providers: [microk8s] });

export const url = team.url;
export const adminPassword = team.adminPassword;
