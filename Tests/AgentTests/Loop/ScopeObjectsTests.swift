import Model
import Testing

@testable import Agent

@Suite struct ScopeObjectsTests {
    private let link = KernelObject(.link("vx"), fields: [])
    private func entry(_ number: Int, mac: String = "a") -> KernelObject {
        KernelObject(
            .neighbour(IPAddress(v4: 0x0a00_0000 + UInt32(number)), on: "vx"), fields: [Field(.mac, .string(mac))],
            hangsOn: [link.id])
    }

    /// What is changed in any order is what a plain list comes to, and what something hangs on comes before it.
    @Test(arguments: 0..<20) func changesAreThoseOfAList(_ seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let last = KernelObject(ObjectID(.sysctl, "proxy"), fields: [], hangsOn: [entry(3).id, link.id])
        var wanted = Dictionary(uniqueKeysWithValues: ([link] + (0..<8).map { entry($0) } + [last]).map { ($0.id, $0) })
        var objects = ScopeObjects([link] + (0..<8).map { entry($0) } + [last])
        for _ in 0..<200 {
            let number = random(12)
            // What others hang on stays.
            let object = random(2) == 0 && number != 3 ? nil : entry(number, mac: "\(random(5))")
            let id = entry(number).id
            #expect(objects.set(id, object) == (object != nil || wanted[id] != nil))
            wanted[id] = object
            #expect(objects.all.count == wanted.count)
            for object in objects.all { #expect(object.fields == wanted[object.id]?.fields) }
            for (index, object) in objects.all.enumerated() {
                for parent in object.hangsOn { #expect(objects.all[..<index].contains { $0.id == parent }) }
            }
        }
    }
}
