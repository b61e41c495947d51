// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds the agent builds its benchmarks.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "reconcile", path: "..")],
    targets: [
        .executableTarget(
            name: "PureBenchmark",
            dependencies: [.product(name: "ReconcilePure", package: "reconcile")],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
