/** Which roles somebody gets, each with what it means. Plain checkboxes in a fieldset. */
import { MEMBER_ROLES, type MemberRole } from "@safeconduct/contract";
import type { ReactElement } from "react";
import type { FieldProblem } from "../elements/problems.ts";
import { texts } from "./texts.ts";

export function RoleChoice({
  id,
  chosen,
  onChange,
  problems = [],
}: {
  /** Of the first checkbox, where an error summary leads. */
  id: string;
  chosen: readonly MemberRole[];
  onChange: (roles: readonly MemberRole[]) => void;
  problems?: readonly FieldProblem[];
}): ReactElement {
  const wrong = problems.find(({ field }) => field === id)?.message;
  const described = wrong === undefined ? `${id}-hint` : `${id}-hint ${id}-wrong`;
  return (
    <fieldset className="roles" aria-describedby={described}>
      <legend>{texts.roles}</legend>
      <p className="hint" id={`${id}-hint`}>
        {texts.rolesHint}
      </p>
      {wrong !== undefined && (
        <p className="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
      {MEMBER_ROLES.map((role, index) => {
        const own = index === 0 ? id : `${id}-${role}`;
        return (
          <div key={role} className="role">
            <input
              type="checkbox"
              id={own}
              checked={chosen.includes(role)}
              aria-describedby={`${own}-means`}
              onChange={(event) =>
                onChange(MEMBER_ROLES.filter((each) => (each === role ? event.target.checked : chosen.includes(each))))
              }
            />
            <div>
              <label htmlFor={own}>{texts.role[role]}</label>
              <p className="soft small" id={`${own}-means`}>
                {texts.roleMeans[role]}
              </p>
            </div>
          </div>
        );
      })}
    </fieldset>
  );
}

export function RoleTags({ roles }: { roles: readonly MemberRole[] }): ReactElement {
  return (
    <ul className="role-tags" aria-label={texts.roles}>
      {roles.map((role) => (
        <li key={role} className="tag plain">
          {texts.role[role]}
        </li>
      ))}
    </ul>
  );
}
