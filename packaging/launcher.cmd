@echo off
setlocal
set "runtime="
for %%r in (@RUNTIMES@) do if not defined runtime if exist "%~dp0%%r" set "runtime=%~dp0%%r"
if defined REEVE_DENO if not defined runtime set "runtime=%REEVE_DENO%"
if not defined runtime set "runtime=deno"
set "DENO_NO_UPDATE_CHECK=1"
"%runtime%" @FLAGS@ "%~dp0@MAIN@" %*
exit /b %errorlevel%
