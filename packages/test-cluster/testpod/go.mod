module gauntlet/testpod

go 1.24.0
