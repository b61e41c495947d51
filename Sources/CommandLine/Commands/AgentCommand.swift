import Agent
import ArgumentParser
import Fleet
import Glibc
import LinuxHost
import Model

/// `reconcile agent`: keeps the host as the manifests say.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Watch manifests and kernel, repair what drifts, and tell.",
        discussion: """
            PATH is a directory; default ./manifests, else /etc/reconcile/manifests. SIGHUP forces a full pass. SIGTERM \
            and SIGINT stop the agent and leave containers and networks running; the next one takes them over. In the \
            middle of a pass what is under way is finished first; a second signal ends the agent at once.

            EXIT STATUS
              0 stopped by a signal; 1 it could not start; 64 wrong usage; 130, 143 ended by a second SIGINT, SIGTERM
            """)

    @Argument(help: ArgumentHelp("The directory of manifests.", valueName: "path"), completion: .directory)
    var directory: String?

    @Flag(help: "Report what differs and change nothing.")
    var detectOnly = false

    @Flag(help: "Go on even where a change deletes most of what is ours.")
    var allowMassDelete = false

    @Option(help: ArgumentHelp("Between two looks at everything.", valueName: "duration"))
    var fullPassInterval: Interval = Interval(.seconds(600))

    @Option(
        help: ArgumentHelp(
            "In a fleet: where the tunnels of overlay networks end on this host. Default: the first global address of "
                + "the link with the default route.", valueName: "address"))
    var tunnelAddress: IPAddress?

    @OptionGroup(title: "Git as the source") var git: GitOptions

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let manager = ServiceNotification.takeFromEnvironment()
            let settings = options.settings
            let source = try source(settings)
            let lock = try PassLock(settings)
            defer { withExtendedLifetime(lock) {} }
            let labels = try NodeLabelFile.labels(given: settings.nodeLabels)
            let fleet = try FleetMember.find(settings, FleetOptions(tunnel: tunnelAddress, labels: labels))
            let engine = try Engine(settings) { fleet?.facts() }
            let signals = try SignalPipe([SIGHUP], ending: [SIGTERM, SIGINT])
            let log = AgentLog(
                events: EventLog(dataDirectory: settings.dataDirectory), listener: EventLines(console).write)
            var agentSettings = AgentSettings()
            agentSettings.fullPassInterval = fullPassInterval.duration
            agentSettings.detectOnly = detectOnly
            agentSettings.allowsMassDelete = allowMassDelete
            let agent = try Agent(
                engine: engine, source: source, settings: agentSettings, signals: signals, log: log,
                manager: manager, fleet: fleet)
            try await agent.run()
            return 0
        }
    }

    private func source(_ settings: EngineSettings) throws(Diagnostic) -> any InputSource {
        guard let git = try git.settings(settings) else {
            return DirectoryInput(try ManifestPaths.resolve(directory.map { [$0] } ?? [])[0], settings)
        }
        guard directory == nil else {
            throw Diagnostic(
                code: "two-sources", "a directory and --git were given",
                hint: "name the directory in the repository with --path")
        }
        // One that only reports changes nothing, and takes no turn.
        let isNode = FleetDirectory(dataDirectory: settings.dataDirectory).exists
        return GitInput(git, settings, holdsBack: isNode && !detectOnly)
    }
}
