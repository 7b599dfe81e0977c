import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dockerLogPath, linkLog, unlinkLog } from '../../../src/logs/log-link';
import { refusalOf } from '../../support/refusal';
import { temporaryDirectory } from '../../support/temporary-directory';

const root = temporaryDirectory();

const ID = '1'.repeat(64);
const TARGET = dockerLogPath('/var/lib/docker', ID);

it("Docker's log is below its root", () => {
  expect(TARGET).toBe(`/var/lib/docker/containers/${ID}/${ID}-json.log`);
});

describe('linking', () => {
  it('makes the directories and the link, also to a log that is not there yet', async () => {
    await linkLog(root.path('pod', 'app', '0.log'), TARGET);
    expect(readlinkSync(root.path('pod', 'app', '0.log'))).toBe(TARGET);
  });

  it('replaces the link to the log of another attempt', async () => {
    symlinkSync(dockerLogPath('/var/lib/docker', '2'.repeat(64)), root.path('0.log'));
    await linkLog(root.path('0.log'), TARGET);
    expect(readlinkSync(root.path('0.log'))).toBe(TARGET);
  });

  it('never takes a file away, nor another link, nor what it leads to', async () => {
    writeFileSync(root.path('precious'), 'data');
    expect(await refusalOf(linkLog(root.path('precious'), TARGET))).toMatch(/^FailedPrecondition: .*is in the way/);
    symlinkSync(root.path('precious'), root.path('0.log'));
    expect(await refusalOf(linkLog(root.path('0.log'), TARGET))).toMatch(/^FailedPrecondition: .*is in the way/);
    expect(readlinkSync(root.path('0.log'))).toBe(root.path('precious'));
    expect(readFileSync(root.path('precious'), 'utf8')).toBe('data');
  });

  it('never takes a directory away', async () => {
    mkdirSync(root.path('0.log'));
    expect(await refusalOf(linkLog(root.path('0.log'), TARGET))).toMatch(/^FailedPrecondition: /);
    expect(lstatSync(root.path('0.log')).isDirectory()).toBe(true);
  });

  it('says where it could not be made', async () => {
    writeFileSync(root.path('file'), '');
    expect(await refusalOf(linkLog(root.path('file', '0.log'), TARGET))).toMatch(
      /^Internal: cannot link the container's log at .*\/file\/0\.log: /,
    );
  });
});

describe('unlinking', () => {
  it("takes the link to this container's log away", async () => {
    symlinkSync(TARGET, root.path('0.log'));
    await unlinkLog(root.path('0.log'), ID);
    expect(lstatSync(root.path('0.log'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each([
    ["the link to another container's", () => symlinkSync(dockerLogPath('/d', '2'.repeat(64)), root.path('0.log'))],
    ['a link to elsewhere', () => symlinkSync('/etc/passwd', root.path('0.log'))],
    ['a file', () => writeFileSync(root.path('0.log'), 'data')],
    ['a link to a name that only ends alike', () => symlinkSync(`/d/x${ID}-json.log`, root.path('0.log'))],
  ])('leaves %s', async (_what, make) => {
    make();
    await unlinkLog(root.path('0.log'), ID);
    expect(lstatSync(root.path('0.log'), { throwIfNoEntry: false })).toBeDefined();
  });

  it('does nothing where there is nothing', async () => {
    await unlinkLog(root.path('none', '0.log'), ID);
    expect(existsSync(root.path('none'))).toBe(false);
  });
});
