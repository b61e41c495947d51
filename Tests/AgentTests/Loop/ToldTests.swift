import Model
import Planning
import Testing

@testable import Agent

@Suite struct ToldTests {
    private func drift(_ object: KernelObject, mtu: Int) -> Change {
        Change(
            .update, before: object, after: object,
            fields: [.init(.mtu, before: .int(mtu), after: 1500)], cause: .init(.drift, ""))
    }

    private let start = ContinuousClock.now
    private let bridge = KernelObject(.link("br-front"), owner: .network("front"))
    /// The host's end of a container's link: only its owner tells whose it is.
    private let veth = KernelObject(.link("veth1"), owner: .container("web"), hangsOn: [.link("eth0", in: "web")])

    @Test func aDiagnosticIsToldOnceUntilItGoesAway() {
        var told = Told()
        let first = Diagnostic(code: "a", "one")
        let second = Diagnostic(code: "a", "two")
        #expect(told.new([first], at: start).map(\.message) == ["one"])
        #expect(told.new([first, second], at: start).map(\.message) == ["two"])
        #expect(told.new([second, first], at: start).isEmpty)
        #expect(told.new([second], at: start).isEmpty)
        #expect(told.new([first, second], at: start).map(\.message) == ["one"])
    }

    /// Until etcd has answered, each start and each new container waits for a moment: that is nothing to tell of.
    @Test func whatIsUsualIsToldWhereItLasts() {
        var told = Told()
        let usual = Diagnostic(code: "unclaimed-address", "it is not claimed yet")
        let other = Diagnostic(code: "no-such-link", "there is no link")
        func codes(_ current: [Diagnostic], after time: Duration) -> [String] {
            told.new(current, at: start + time).map(\.code)
        }
        #expect(codes([usual, other], after: .zero) == ["no-such-link"])
        #expect(codes([usual, other], after: .seconds(1)).isEmpty)
        #expect(codes([usual], after: .seconds(3)) == ["unclaimed-address"])
        #expect(codes([usual], after: .seconds(4)).isEmpty)
        #expect(codes([], after: .seconds(5)).isEmpty)
        #expect(codes([usual], after: .seconds(6)).isEmpty, "it begins anew")
        #expect(codes([usual], after: .seconds(8)) == ["unclaimed-address"])
    }

    @Test func driftIsToldOnceAsItIs() {
        var told = Told()
        #expect(told.new([drift(bridge, mtu: 1400)], in: nil).count == 1)
        #expect(told.new([drift(bridge, mtu: 1400)], in: nil).isEmpty)
        #expect(told.new([drift(bridge, mtu: 1300)], in: [.link("br-front")]).count == 1, "it drifted further")
        #expect(told.new([], in: nil).isEmpty)
        #expect(told.new([drift(bridge, mtu: 1300)], in: nil).count == 1, "it was right in between")
    }

    @Test func whatWasNotLookedAtIsNotForgotten() {
        var told = Told()
        _ = told.new([drift(bridge, mtu: 1400)], in: nil)
        #expect(told.new([], in: [.container("web"), .firewall]).isEmpty)
        #expect(told.new([drift(bridge, mtu: 1400)], in: nil).isEmpty)
    }

    /// Once the host's end of a container's link counted as a link by itself: its second drift was not told.
    @Test func theHostsEndOfALinkIsForgottenWithItsContainer() {
        var told = Told()
        #expect(told.new([drift(veth, mtu: 1400)], in: [.container("web")]).count == 1)
        #expect(told.new([], in: [.container("web")]).isEmpty)
        #expect(told.new([drift(veth, mtu: 1400)], in: [.container("web")]).count == 1)
    }
}
