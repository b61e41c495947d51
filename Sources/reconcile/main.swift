import CommandLine

await ReconcileCommand.start()
