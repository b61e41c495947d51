// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// One line a module: its name and what it may import. The build is run with
/// `--explicit-target-dependency-import-check error`, so these lines are the architecture.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "reconcile",
    products: [
        .executable(name: "reconcile", targets: ["reconcile"]),
        // For Benchmarks/: what needs no kernel.
        .library(name: "ReconcilePure", targets: ["Model", "Manifests", "Drivers", "Planning"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // For the forwarder of ::1 alone.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // Shims and system libraries: no logic.
        .target(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),

        // Values and pure functions: no input, no output, no Foundation.
        module("Model"),
        module("Drivers", ["Model"]),
        module("Planning", ["Model"]),

        // The edges: text, the kernel, containers.
        module("Manifests", ["Model", "CYAML"]),
        module("Netlink", ["Model", "CLinux"]),
        module("LinuxHost", ["Model", "Drivers", "Planning", "Netlink", "CLinux", "CNftables"]),
        module("Containers", ["Model", "Planning", "CLinux", "CSeccomp"]),

        // The process that serves published ports on ::1. The engine starts it and never links to it.
        module(
            "Forwarder",
            [
                "Model", "CLinux", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // The one road, and what people type.
        module("Agent", ["Model", "Manifests", "Drivers", "Planning", "LinuxHost", "Containers", "CLinux"]),
        module(
            "CommandLine",
            [
                "Model", "Manifests", "Drivers", "Planning", "LinuxHost", "Containers", "Agent", "Forwarder", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "reconcile", dependencies: ["CommandLine"], swiftSettings: strict),

        tests("ModelTests", ["Model"]),
        tests("ManifestsTests", ["Manifests", "Model"], exclude: ["Golden", "Examples"]),
        tests("PlanningTests", ["Planning", "Drivers", "Manifests", "Model"]),
        tests("NetlinkTests", ["Netlink", "Model", "CLinux"]),
        tests("ContainersTests", ["Containers", "Model"]),
        tests("LinuxHostTests", ["LinuxHost", "Netlink", "Planning", "Drivers", "Model"]),
        tests("AgentTests", ["Agent", "LinuxHost", "Containers", "Manifests", "Planning", "Drivers", "Model"]),
        tests("CommandLineTests", ["CommandLine", "Drivers", "Model"]),
        tests(
            "ForwarderTests",
            [
                "Forwarder", "Model", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("ContainersKernelTests", ["Containers", "Model"]),
        tests("LinuxHostKernelTests", ["LinuxHost", "CLinux"]),
        tests("KernelTests", ["Model"]),
    ]
)
