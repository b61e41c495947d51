import Model
import Testing

@Suite struct SandboxNameTests {
    /// A container may be called what a field says of the host, or of a process that is lost.
    @Test(arguments: ["web", "host", "lost", "container"]) func roundTrips(_ name: String) {
        let text = SandboxName.text(name)
        #expect(SandboxName.container(text) == name)
        #expect(text != SandboxName.text(nil) && text != SandboxName.lost)
    }

    @Test func theHostHasNone() { #expect(SandboxName.container(SandboxName.text(nil)) == nil) }

    @Test func earlierProcessesKeepTheirs() {
        #expect(SandboxName.text("web") == "web" && SandboxName.text(nil) == "host")
    }
}
