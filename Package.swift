// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// One line a module: its name and what it may import. The build is run with
/// `--explicit-target-dependency-import-check error`, so these lines are the architecture.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
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
        .library(name: "WrongClock", type: .dynamic, targets: ["WrongClock"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // For the forwarder of ::1, and below gRPC.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // For the fleet alone: etcd is spoken to by gRPC with mutual TLS.
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    ],
    targets: [
        // Shims and system libraries: no logic.
        .target(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
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

        // Several hosts: what they tell each other, in etcd. It knows neither drivers nor the kernel.
        module(
            "Fleet",
            [
                "Model", "CZlib",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ], exclude: ["Etcd/Protocol/etcd.proto"]),

        // The one road, and what people type.
        module("Agent", ["Model", "Manifests", "Drivers", "Planning", "LinuxHost", "Containers", "Fleet", "CLinux"]),
        module(
            "CommandLine",
            [
                "Model", "Manifests", "Drivers", "Planning", "LinuxHost", "Containers", "Agent", "Forwarder", "Fleet",
                "CLinux", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "reconcile", dependencies: ["CommandLine"], swiftSettings: strict),

        // The engine with a fleet's facts from a file: kernel tests of overlay networks run it as their nodes.
        .executableTarget(
            name: "overlay-node",
            dependencies: ["Agent", "Drivers", "LinuxHost", "Manifests", "Model", "Planning"],
            path: "Tests/OverlayNode", swiftSettings: strict),

        // A clock that is wrong, for one process: tests preload it.
        .target(name: "WrongClock", path: "Tests/WrongClock"),

        tests("ModelTests", ["Model"]),
        tests("ManifestsTests", ["Manifests", "Model"], exclude: ["Golden", "Examples"]),
        tests("PlanningTests", ["Planning", "Drivers", "Manifests", "Model"]),
        tests("NetlinkTests", ["Netlink", "Model", "CLinux"]),
        tests("ContainersTests", ["Containers", "Model"]),
        tests("LinuxHostTests", ["LinuxHost", "Netlink", "Planning", "Drivers", "Model"]),
        tests(
            "AgentTests", ["Agent", "LinuxHost", "Containers", "Manifests", "Planning", "Drivers", "Fleet", "Model"]),
        tests("CommandLineTests", ["CommandLine", "Drivers", "Model"]),
        tests(
            "ForwarderTests",
            [
                "Forwarder", "Model", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        tests("FleetTests", ["Fleet", "Model"]),
        tests("FleetKernelTests", ["Fleet", "Model"]),
        tests("ContainersKernelTests", ["Containers", "Model"]),
        tests("LinuxHostKernelTests", ["LinuxHost", "CLinux"]),
        tests("KernelTests", ["Model", "overlay-node"]),
    ]
)
