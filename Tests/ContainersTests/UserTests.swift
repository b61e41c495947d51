import Model
import Testing

@testable import Containers

@Suite struct UserTests {
    let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:101:102::/home/app:/bin/sh\nbare:x:7:8::::\n"
    let group = "root:x:0:\nweb:x:102:\nextra:x:200:root,app\nmore:x:150:app\n"

    @Test func emptyIsRoot() throws {
        let user = try ContainerUser("", passwd: passwd, group: group)
        #expect((user.uid, user.gid, user.home) == (0, 0, "/root"))
        #expect(user.additionalGids == [200])
    }

    @Test func nameBringsGroupsAndHome() throws {
        let user = try ContainerUser("app", passwd: passwd, group: group)
        #expect((user.uid, user.gid, user.home) == (101, 102, "/home/app"))
        #expect(user.additionalGids == [150, 200])
    }

    @Test func explicitGroupDropsTheOthers() throws {
        let user = try ContainerUser("101:extra", passwd: passwd, group: group)
        #expect((user.uid, user.gid, user.home) == (101, 200, "/home/app"))
        #expect(user.additionalGids.isEmpty)
    }

    @Test func numbersNeedNoEntry() throws {
        let user = try ContainerUser("4000:5000", passwd: "", group: "")
        #expect((user.uid, user.gid, user.home) == (4000, 5000, "/"))
    }

    @Test func emptyHomeIsRootDirectory() throws {
        #expect(try ContainerUser("bare", passwd: passwd, group: group).home == "/")
    }

    @Test func unknownNamesAreErrors() {
        #expect(throws: Diagnostic.self) { try ContainerUser("nobody9", passwd: passwd, group: group) }
        #expect(throws: Diagnostic.self) { try ContainerUser("app:nogroup", passwd: passwd, group: group) }
    }
}
