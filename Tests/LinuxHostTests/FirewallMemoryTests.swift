import Model
import Planning
import Synchronization
import Testing

@testable import LinuxHost

/// A firewall in which only the generation and the number of listings matter.
private final class Firewall: Sendable {
    let generation = Mutex<UInt32?>(7)
    let listings = Atomic<Int>(0)

    var memory: FirewallMemory { FirewallMemory { self.generation.withLock { $0 } } }

    func list() -> Observation {
        listings.add(1, ordering: .relaxed)
        return Observation(objects: [KernelObject(.firewallTable), FirewallMemoryTests.port(80, "10.0.0.2:80")])
    }

    var count: Int { listings.load(ordering: .relaxed) }
}

@Suite struct FirewallMemoryTests {
    static func port(_ port: UInt16, _ target: String) -> KernelObject {
        KernelObject(
            FirewallElement(port: port, .tcp, family: .ipv4, address: nil).id, owner: .container("web"),
            fields: [Field(.target, .string(target))], hangsOn: [.firewallTable])
    }

    private static let created = Change(
        .create, before: nil, after: port(81, "10.0.0.2:81"), cause: Change.Cause(.manifest, "needed"))
    private static let deleted = Change(
        .delete, before: port(80, "10.0.0.2:80"), after: nil, cause: Change.Cause(.manifest, "not needed any more"))

    @Test func theSameGenerationIsListedOnce() throws {
        let firewall = Firewall()
        let memory = firewall.memory
        let first = try memory.recall { firewall.list() }
        let second = try memory.recall { firewall.list() }
        #expect(first.objects == second.objects)
        #expect(firewall.count == 1)
    }

    @Test func anotherGenerationIsListedAgain() throws {
        let firewall = Firewall()
        let memory = firewall.memory
        _ = try memory.recall { firewall.list() }
        firewall.generation.withLock { $0 = 8 }
        _ = try memory.recall { firewall.list() }
        #expect(firewall.count == 2)
    }

    @Test func whereTheKernelDoesNotTellEachLookLists() throws {
        let firewall = Firewall()
        firewall.generation.withLock { $0 = nil }
        let memory = firewall.memory
        _ = try memory.recall { firewall.list() }
        _ = try memory.recall { firewall.list() }
        #expect(firewall.count == 2)
    }

    @Test func whatChangedWhileItWasListedIsNotRemembered() throws {
        let firewall = Firewall()
        let memory = firewall.memory
        _ = try memory.recall {
            firewall.generation.withLock { $0 = 8 }
            return firewall.list()
        }
        _ = try memory.recall { firewall.list() }
        #expect(firewall.count == 2)
    }

    @Test func ourOwnTransactionIsTakenIn() throws {
        let firewall = Firewall()
        let memory = firewall.memory
        _ = try memory.recall { firewall.list() }
        firewall.generation.withLock { $0 = 8 }
        memory.note([Self.created, Self.deleted])
        let seen = try memory.recall { firewall.list() }
        #expect(firewall.count == 1)
        #expect(seen.objects[Self.created.id] == Self.created.after)
        #expect(seen.objects[Self.deleted.id] == nil)
        #expect(seen.objects[.firewallTable] != nil)
    }

    @Test func aTransactionBesideAnotherOnesIsListed() throws {
        let firewall = Firewall()
        let memory = firewall.memory
        _ = try memory.recall { firewall.list() }
        firewall.generation.withLock { $0 = 9 }
        memory.note([Self.created])
        _ = try memory.recall { firewall.list() }
        #expect(firewall.count == 2)
    }

    @Test(arguments: [ObjectID.firewallTable, .firewallChain("raw"), ObjectID(.firewall, "subnets4 br-a . 10.0.0.0/8")])
    func whatTheKernelMayHoldInAnotherFormIsListed(_ id: ObjectID) throws {
        let firewall = Firewall()
        let memory = firewall.memory
        _ = try memory.recall { firewall.list() }
        firewall.generation.withLock { $0 = 8 }
        let change = Change(.create, before: nil, after: KernelObject(id), cause: Change.Cause(.manifest, "needed"))
        memory.note([Self.created, change])
        _ = try memory.recall { firewall.list() }
        #expect(firewall.count == 2)
    }
}
