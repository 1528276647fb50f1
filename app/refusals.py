"""Every way the service says no. No HTTP here: statuses live in one table, `api/problems.py`.

A refusal's docstring is its title in English; `title_zh` is the Chinese one that callers read by default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from schemas.faults import Fault


class Refusal(Exception):
    """The service said no"""

    code: ClassVar[str]
    title_zh: ClassVar[str]

    def __init__(
        self, faults: Sequence[Fault] = (), facts: Mapping[str, object] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(self.code)
        self.faults = tuple(faults)
        self.facts = dict(facts or {})
        self.retry_after = retry_after


class UnreadableBody(Refusal):
    """What was sent could not be read"""

    code = "unreadable-body"
    title_zh = "内容无法读取"


class UnsupportedContentType(Refusal):
    """The content type is not taken here"""

    code = "unsupported-content-type"
    title_zh = "不支持的内容类型"


class TooSlow(Refusal):
    """The body took too long to arrive"""

    code = "too-slow"
    title_zh = "请求正文传送超时"


class TooLarge(Refusal):
    """More was sent than is taken here"""

    code = "too-large"
    title_zh = "内容过大"


class ValidationFailed(Refusal):
    """The payload did not pass validation"""

    code = "validation-failed"
    title_zh = "数据未通过校验"


class BadParameter(Refusal):
    """A parameter of the request is not valid"""

    code = "bad-parameter"
    title_zh = "请求参数不正确"


class PersonalDataInAddress(Refusal):
    """What tells who a person is does not belong in an address; search by POST"""

    code = "personal-data-in-url"
    title_zh = "网址中不得含有个人信息，请用 POST 检索"


class TokenMissing(Refusal):
    """A token is needed"""

    code = "token-missing"
    title_zh = "缺少访问令牌"


class TokenInvalid(Refusal):
    """The token is not valid"""

    code = "token-invalid"
    title_zh = "访问令牌无效"


class TokenExpired(Refusal):
    """The token has expired"""

    code = "token-expired"
    title_zh = "访问令牌已过期"


class RoleMayNot(Refusal):
    """Your role may not do this"""

    code = "role-may-not"
    title_zh = "您的角色不能进行此操作"


class NotYourRecord(Refusal):
    """The record belongs to another organisation"""

    code = "not-your-record"
    title_zh = "不是本单位的记录"


class NotYourStep(Refusal):
    """This event is reported by another party"""

    code = "not-your-step"
    title_zh = "此事件应由另一方报送"


class UnknownRecordType(Refusal):
    """There is no such record type"""

    code = "unknown-record-type"
    title_zh = "没有这种记录类型"


class UnknownRecord(Refusal):
    """There is no such record in your scope"""

    code = "unknown-record"
    title_zh = "在您的权限范围内没有此记录"


class UnknownVersion(Refusal):
    """The record has no such version"""

    code = "unknown-version"
    title_zh = "没有这个版本"


class AlreadyHeld(Refusal):
    """The record is held already, with other content; to change it send a correction"""

    code = "already-held"
    title_zh = "已有同一标识的记录，内容不同；如需更改，请报送更正"


class EventAlreadyHeld(Refusal):
    """The event is held already, with other content"""

    code = "event-already-held"
    title_zh = "已有同一标识的事件，内容不同"


class RecordWithdrawn(Refusal):
    """The record was withdrawn"""

    code = "withdrawn"
    title_zh = "记录已撤回"


class TooManyEvents(Refusal):
    """The record holds as many events as it can"""

    code = "too-many-events"
    title_zh = "此记录的事件数量已达上限"


class TooManyVersions(Refusal):
    """The record has as many versions as it can"""

    code = "too-many-versions"
    title_zh = "此记录的版本数量已达上限"


class UnknownEvent(Refusal):
    """The record has no such event"""

    code = "unknown-event"
    title_zh = "此记录没有这个事件"


class UnknownFile(Refusal):
    """Your organisation sent no such file"""

    code = "unknown-file"
    title_zh = "本单位没有上传过这个文件"


class FileInProgress(Refusal):
    """The file is still being taken in"""

    code = "file-in-progress"
    title_zh = "文件仍在处理中"


class FileOver(Refusal):
    """The file was dealt with already"""

    code = "file-over"
    title_zh = "文件已处理完毕"


class NothingRejected(Refusal):
    """No row of the file was rejected, so there is none to mend"""

    code = "nothing-rejected"
    title_zh = "文件中没有被退回的行"


class FileForgotten(Refusal):
    """The workbook is not kept any more; send the file again"""

    code = "file-forgotten"
    title_zh = "退回表已过保存期，请重新上传原文件"


class UnknownAttachment(Refusal):
    """Neither the record as it now stands nor one of its events names this attachment"""

    code = "unknown-attachment"
    title_zh = "此记录及其事件现在没有写明这个附件"


class AttachmentNotSent(Refusal):
    """The attachment is named, and its content has not been sent yet"""

    code = "attachment-not-sent"
    title_zh = "附件已写明，内容尚未报送"


class NotYourAttachment(Refusal):
    """Another organisation named this attachment, and sends it"""

    code = "not-your-attachment"
    title_zh = "此附件由其他单位写明，应由该单位报送"


class AttachmentUnmaskable(Refusal):
    """The content of a file cannot be masked, so your role does not read it"""

    code = "attachment-unmaskable"
    title_zh = "附件内容无法脱敏，您的角色不能读取"


class SizeDiffers(Refusal):
    """The content has another size than the one named"""

    code = "size-differs"
    title_zh = "内容的字节数与所写明的不符"


class DigestDiffers(Refusal):
    """The content has another digest than the one named"""

    code = "digest-differs"
    title_zh = "内容的摘要与所写明的不符"


class MediaTypeDiffers(Refusal):
    """The content is not of the media type named"""

    code = "media-type-differs"
    title_zh = "内容不是所写明的文件类型"


class AttachmentDamaged(Refusal):
    """What is kept is not what was sent any more; tell the administrators, or send the content again"""

    code = "attachment-damaged"
    title_zh = "所存内容已损坏，请联系平台管理员，或由报送单位重新报送内容"


class KeyReused(Refusal):
    """The Idempotency-Key came with another request before"""

    code = "idempotency-key-reused"
    title_zh = "此 Idempotency-Key 已用于另一请求"


class RequestInProgress(Refusal):
    """A request with this Idempotency-Key is being answered; send it again in a moment"""

    code = "request-in-progress"
    title_zh = "带此 Idempotency-Key 的请求正在处理，请稍后重发"


class TooManyRows(Refusal):
    """There is more than one answer holds; narrow what is asked for"""

    code = "too-many-rows"
    title_zh = "结果过多，超出一次答复的上限，请缩小范围"


class TableTooWide(Refusal):
    """The records list more things than a table has columns for; export fewer of them, or from the feed"""

    code = "table-too-wide"
    title_zh = "记录所列条目过多，表格列数不够；请缩小范围，或者从变更流拉取"


class VersionNotStated(Refusal):
    """Say in If-Match which version you are changing"""

    code = "version-not-stated"
    title_zh = "请用 If-Match 写明所更改的版本"


class VersionOutdated(Refusal):
    """The version in If-Match is not the one that holds; read that first"""

    code = "version-outdated"
    title_zh = "所写版本不是现行版本，请先读取现行版本"


class DifferentInBatch(Refusal):
    """Lines of this batch say different things of one record; none of them was taken in"""

    code = "different-in-batch"
    title_zh = "同一批次内同一标识的记录内容不同，均未收下"


class BatchRefused(Refusal):
    """The batch was refused because of another of its lines"""

    code = "batch-refused"
    title_zh = "批次中另有记录或事件未通过，整批未收"


class StepNotAllowed(Refusal):
    """The event contradicts what is held"""

    code = "step-not-allowed"
    title_zh = "此事件与已有事实相矛盾"


class CursorInvalid(Refusal):
    """The cursor is not one of ours, or was made with other filters"""

    code = "cursor-invalid"
    title_zh = "游标无效，或与所给条件不符"


class CursorOutdated(Refusal):
    """The cursor belongs to another epoch of the log; start again without one"""

    code = "cursor-outdated"
    title_zh = "游标属于日志的另一纪元，请从头拉取"


class TooManyRequests(Refusal):
    """Too many requests; wait a little"""

    code = "too-many-requests"
    title_zh = "请求过于频繁，请稍候"


class UnknownPath(Refusal):
    """There is nothing at this address"""

    code = "unknown-path"
    title_zh = "此地址不存在"


class MethodNotAllowed(Refusal):
    """This address does not take this method"""

    code = "method-not-allowed"
    title_zh = "此地址不支持该方法"


class Unavailable(Refusal):
    """The service cannot answer just now; send it again, a repeat does no harm"""

    code = "unavailable"
    title_zh = "服务暂时不可用，请稍后重发；重复报送不会产生重复记录"


class Failed(Refusal):
    """Something went wrong on our side; a repeat does no harm"""

    code = "failed"
    title_zh = "服务出错；重复报送不会产生重复记录"
