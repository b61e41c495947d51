import CLinux
import Model
import Planning

/// Plans that other members of the fleet ask for.
extension Agent {
    /// Plans what was asked first, as this node would follow it: with the replicas that it would claim then. It looks, and
    /// touches nothing. One a turn, after all that was
    /// due: so whoever asks much waits for repairs, and they for one look at most.
    func answerPreview() async {
        guard let fleet, let request = fleet.previews.take() else { return }
        await finishNames()
        let result: Result<Plan, Diagnostic>
        do throws(Diagnostic) {
            let expected = fleet.facts(expecting: request.input.resources.services)
            let look = try await engine.look(request.input, expecting: expected)
            result = .success(look.preview(allowsMassDelete: request.allowsMassDelete))
        } catch { result = .failure(error) }
        engine.host.endPass()
        fleet.previews.settle(request.id, result)
        malloc_trim(0)
        if !fleet.previews.isEmpty { watch.wake() }
    }
}
